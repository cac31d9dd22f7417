package dev.pocketrag.runtime.encoder

import dev.pocketrag.runtime.Accelerator
import dev.pocketrag.runtime.LongQuestions
import dev.pocketrag.runtime.ModelException
import dev.pocketrag.runtime.QuestionTooLongException
import dev.pocketrag.runtime.RagException
import dev.pocketrag.runtime.tokenizer.Tokenizer
import java.io.Closeable

/** A model that turns token ids into a vector; LiteRT on a phone, see `android/LiteRtModel.kt`. */
internal interface EmbeddingModel : Closeable {
    /** What runs it, as far as that is known. */
    val accelerator: Accelerator
        get() = Accelerator.CPU

    /** Why that is the CPU, where another was asked for. */
    val whyCpu: String?
        get() = null

    /**
     * Runs the signature `embed_L`, L = [ids].size, which is one of the manifest's lengths.
     *
     * @param ids int32 [L], padded on the right.
     * @return float32 [dims], of unit length.
     */
    fun run(ids: IntArray): FloatArray
}

/** Tokenizes and embeds, each text through the shortest length that holds it. */
internal class Embedder(
    val spec: EmbedderSpec,
    private val tokenizer: Tokenizer,
    private val model: EmbeddingModel,
    private val long: LongQuestions = LongQuestions.REFUSE,
) : Closeable {
    /** What ran the last text. */
    val accelerator: Accelerator
        get() = model.accelerator

    /** Why that was the CPU, where another was asked for; null where none was. */
    val whyCpu: String?
        get() = model.whyCpu

    /**
     * Embeds a question, float32 [dims].
     *
     * @throws QuestionTooLongException it is longer than the longest length, and not to be cut.
     * @throws ModelException the model gives no vector.
     */
    fun question(text: String): FloatArray {
        val ids = tokenizer.encode(spec.prompts.ask(text))
        if (long == LongQuestions.REFUSE && ids.size > longest) throw QuestionTooLongException(ids.size, longest)
        return embed(fit(ids))
    }

    /** Embeds a passage, cut to the longest length, float32 [dims]. */
    fun passage(title: String, text: String): FloatArray = embed(ids(spec.prompts.passage(title, text)))

    /** Returns the token ids of a prompted text, cut to the longest length. */
    fun ids(prompted: String): IntArray = fit(tokenizer.encode(prompted))

    /**
     * Embeds at most as many ids as the longest length holds, float32 [dims].
     *
     * @throws ModelException the model fails, or gives what is no vector.
     */
    fun embed(ids: IntArray): FloatArray {
        val length = spec.lengths.first { it >= ids.size }
        val vector = attempt { model.run(ids.padded(length, spec.tokenizer.pad)) }
        if (vector.size != spec.dims) throw ModelException("it gave ${vector.size} numbers, not ${spec.dims}")
        if (!isVector(vector)) throw ModelException("it gave a vector of NaN, infinity or zeros")
        return vector
    }

    override fun close(): Unit = model.close()

    private val longest: Int = spec.lengths.last()

    /** Cuts to the longest length, keeping the last id (end of sequence). */
    private fun fit(ids: IntArray): IntArray =
        if (ids.size <= longest) ids else ids.copyOf(longest).also { it[longest - 1] = ids.last() }
}

/** Returns the ids with [pad] behind them up to [length], which is at least as many. */
internal fun IntArray.padded(length: Int, pad: Int): IntArray = copyOf(length).also { it.fill(pad, size) }

/** Why something can't be used, in the words of an answer. */
internal val RagException.reason: String
    get() = if (this is ModelException) this.reason else message.orEmpty()

internal fun isVector(numbers: FloatArray): Boolean = numbers.all { it.isFinite() } && numbers.any { it != 0f }

/**
 * Native libraries throw what they like, [LinkageError] where they are missing (of the first call `UnsatisfiedLinkError`, then
 * `NoClassDefFoundError`), and may need more memory than there is.
 */
internal fun <T> attempt(work: () -> T): T =
    try {
        work()
    } catch (error: Throwable) {
        throw when (error) {
            is RagException -> error
            is Exception -> ModelException(error.toString(), error)
            is LinkageError -> ModelException("its native library can't be loaded, $error", error)
            is OutOfMemoryError -> ModelException("not enough memory", error)
            else -> error
        }
    }
