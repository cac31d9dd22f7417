package dev.pocketrag.runtime.encoder

import dev.pocketrag.runtime.Accelerator
import dev.pocketrag.runtime.Encoder
import dev.pocketrag.runtime.Mode
import dev.pocketrag.runtime.ModelException
import dev.pocketrag.runtime.RagException
import dev.pocketrag.runtime.RagOptions
import dev.pocketrag.runtime.engine.Platform
import dev.pocketrag.runtime.engine.closeAll
import dev.pocketrag.runtime.install.Bundle
import dev.pocketrag.runtime.tokenizer.Tokenizer
import dev.pocketrag.runtime.tokenizer.TokenizerSpec
import java.io.Closeable

/** What ran an encoder, and why that was the CPU, where another was asked for. */
internal class Ran(val accelerator: Accelerator, val whyCpu: String?)

/**
 * What became of a question that was given to one encoder after the other.
 *
 * @param encoder the one that did it; null where none could, or full text alone was asked for.
 * @param value what it made; null where there is no encoder.
 * @param failed those that were tried before, and why they could not.
 * @param ran what ran it; null where there is no encoder.
 */
internal class Tried<T : Any>(
    val encoder: Encoder?,
    val value: T?,
    private val failed: List<Pair<Encoder, ModelException>>,
    val ran: Ran? = null,
) {
    /** Says why not the first one answered, and which did; null where it was the first, or full text alone was asked for. */
    val fellBack: String?
        get() = if (failed.isEmpty()) null else "$reasons; ${encoder?.name ?: "full text alone"} answered"

    /** @throws ModelException no encoder could. */
    fun orThrow(): T = value ?: throw ModelException(reasons, failed.firstOrNull()?.second)

    private val reasons: String
        get() = failed.joinToString("; ") { (encoder, error) -> "the encoder ${encoder.name} can't be used (${error.reason})" }
}

/** One encoder, opened when it is first needed: once, whatever comes of it. */
internal class LazyEmbedder(val encoder: Encoder, private val open: (Encoder) -> Embedder) : Closeable {
    private var opened: Embedder? = null
    private var broken: ModelException? = null

    /** @throws ModelException it can't be opened, or could not before. */
    fun get(): Embedder {
        broken?.let { throw it }
        return opened ?: try {
            attempt { open(encoder) }.also { opened = it }
        } catch (error: RagException) {
            throw (error as? ModelException ?: ModelException(error.message.orEmpty(), error)).also { broken = it }
        }
    }

    override fun close() {
        opened?.close()
        opened = null
    }
}

/** The encoders of a bundle from [RagOptions.start] on, in the order in which they are tried. Not safe for two threads. */
internal class Encoders(private val bundle: Bundle, private val platform: Platform, private val options: RagOptions) : Closeable {
    private val tokenizers = HashMap<TokenizerSpec, Tokenizer>()

    /** Never empty: a bundle without a fallback starts at its main encoder. */
    val all: List<LazyEmbedder> = bundle.manifest.encoders.run { filter { it.role >= options.start }.ifEmpty { this } }
        .map { LazyEmbedder(it) { encoder -> open(encoder) } }

    /** The one that is tried first. */
    val first: Encoder = all.first().encoder

    /** That of the first one. A bundle whose tokenizer this runtime does not have is told on opening, not by the first question. */
    val tokenizer: Tokenizer = tokenizer(first)

    /** Opens the first one now, so that the first question need not wait; that it can't be is told by the answers. */
    fun openFirst() {
        try {
            all.first().get()
        } catch (_: ModelException) {
            return
        }
    }

    /**
     * Embeds a question, float32 [dims], by the first encoder that can.
     *
     * @param mode how will be ranked; null for what each encoder's fusion says. Where that is full text alone, no encoder is asked.
     * @param check is called before each encoder.
     */
    fun question(text: String, mode: Mode?, check: () -> Unit): Tried<FloatArray> = first(mode, check) { it.question(text) }

    /** Gives [work] one encoder after the other, until one does it without a [ModelException]. */
    fun <T : Any> first(mode: Mode?, check: () -> Unit, work: (Embedder) -> T): Tried<T> {
        val failed = ArrayList<Pair<Encoder, ModelException>>()
        for (one in all) {
            check()
            if ((mode ?: one.encoder.fusion.mode) == Mode.BM25) break
            try {
                val embedder = one.get()
                val value = work(embedder)
                return Tried(one.encoder, value, failed, Ran(embedder.accelerator, embedder.whyCpu))
            } catch (error: ModelException) {
                failed += one.encoder to error
            }
        }
        return Tried(null, null, failed)
    }

    override fun close(): Unit = closeAll(all)

    private fun open(encoder: Encoder): Embedder {
        // Before the model: what is thrown here leaves nothing open.
        val tokenizer = tokenizer(encoder)
        return Embedder(encoder.spec, tokenizer, platform.model(bundle, encoder), options.longQuestions)
    }

    /** Encoders of one tokenizer share it. */
    private fun tokenizer(encoder: Encoder): Tokenizer =
        tokenizers.getOrPut(encoder.spec.tokenizer) { platform.tokenizer(bundle, encoder) }
}
