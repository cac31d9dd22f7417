package dev.pocketrag.answer

import android.content.Context
import dev.pocketrag.answer.android.AndroidGenerators
import dev.pocketrag.answer.engine.GeneratorException
import dev.pocketrag.answer.engine.GeneratorPlatform
import dev.pocketrag.answer.engine.Spec
import dev.pocketrag.answer.engine.Writers
import dev.pocketrag.answer.engine.fitting
import dev.pocketrag.answer.text.PromptText
import dev.pocketrag.answer.text.checked
import dev.pocketrag.answer.text.quotes
import dev.pocketrag.answer.text.refuses
import dev.pocketrag.runtime.Answer
import dev.pocketrag.runtime.Block
import dev.pocketrag.runtime.Rag
import java.io.Closeable
import java.io.File
import java.util.Locale
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.FlowCollector
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.flowOn
import kotlinx.coroutines.launch

/**
 * Answers questions from a bundle with a language model of the phone's own, and quotes the passages where that can't be:
 *
 *     val answerer = Answerer(context, File(context.filesDir, "demo.generator"))
 *     answerer.answer(rag, "Who may stop the clocks?").collect { part -> show(part) }
 *
 * One for the app, closed with it. The model is loaded for the first question, on a thread of its own, where the phone has the memory; one
 * question is answered at a time, in a conversation of its own; a collector that is cancelled ends it.
 */
public class Answerer internal constructor(
    private val folder: File?,
    private val platform: GeneratorPlatform,
    private val files: Map<String, TierFile>? = null,
) : Closeable {
    /** @param generator the folder with `generator.json` and `generator.litertlm`, as plain files; null: always quotes. */
    public constructor(context: Context, generator: File?) : this(generator, AndroidGenerators(context.applicationContext))

    /**
     * Answers as a tier says: only [Answers.GENERATOR] opens a model, only on phones of its memory, and only the one that it lets ship.
     *
     * @param generator the folder of [Tier.pack], as plain files; null where it is not there: quotes.
     */
    public constructor(context: Context, tier: Tier, generator: File?) : this(
        generator.takeIf { tier.answers == Answers.GENERATOR },
        AndroidGenerators(context.applicationContext, tier.memoryMegabytes * MEGABYTE),
        tier.pack?.files,
    )

    private val opened by lazy { folder?.let { Opened(Spec.read(it, files)) } }
    private val scope = CoroutineScope(SupervisorJob() + Dispatchers.IO)

    /**
     * Answers a question when it is collected. Whatever becomes of it, the sources are among the parts.
     *
     * @param rag is asked when it is collected, and must be open until the sources came.
     * @param threshold the cosine below which nothing is written; by default the bundle's.
     * @throws dev.pocketrag.runtime.RagException as [Rag.search], in the collector.
     */
    public fun answer(rag: Rag, question: String, threshold: Double? = null): Flow<AnswerPart> = flow<AnswerPart> {
        emit(AnswerPart.Searching)
        val generator = runCatching { opened }
        val found = rag.search(question, LIMIT, threshold = threshold)
        val blocks = fitting(rag, found, generator.getOrNull()?.spec?.budget ?: BUDGET)
        emit(AnswerPart.Sources(blocks.mapIndexed { i, block -> source(i + 1, block) }))
        val why = tooFar(found) ?: if (blocks.isEmpty()) "no passage found: ${found.nothing}" else null
        emit(if (why != null) AnswerPart.Refused(null, why) else written(generator, question, blocks.map { it.title to it.text }))
    }.flowOn(Dispatchers.Default)

    /** Gives the model's memory back once the question that is answered is done; the next one loads it again. For `onTrimMemory`. */
    public fun release() {
        scope.launch { runCatching { opened }.getOrNull()?.writers?.release() }
    }

    override fun close(): Unit = release()

    private suspend fun FlowCollector<AnswerPart>.written(
        generator: Result<Opened?>,
        question: String,
        passages: List<Pair<String, String>>,
    ): AnswerPart {
        val text = StringBuilder()
        try {
            val model = generator.getOrThrow() ?: return quoted(question, passages, "no generator")
            model.writers.use { writer ->
                writer.write(model.prompt.messages(question, passages)).collect {
                    text.append(it)
                    emit(AnswerPart.Text(it))
                }
            }
            return judged(text.toString().trim(), model.spec.prompt.refusal, question, passages)
        } catch (error: CancellationException) {
            // Of the caller, or the engine's own word for one that it ended itself.
            currentCoroutineContext().ensureActive()
            return quoted(question, passages, "the model stopped (${error.message})")
        } catch (error: GeneratorException) {
            return quoted(question, passages, error.message.orEmpty())
        }
    }

    private fun judged(text: String, refusal: String, question: String, passages: List<Pair<String, String>>): AnswerPart {
        if (refuses(text, refusal)) return AnswerPart.Refused(refusal, "the model says that the passages do not answer")
        val said = checked(text, passages)
        return if (said.wrong == null) AnswerPart.Done(text, said.citations, emptyList(), null) else quoted(question, passages, said.wrong)
    }

    private fun quoted(question: String, passages: List<Pair<String, String>>, why: String): AnswerPart.Done {
        val quotes = quotes(question, passages)
        return AnswerPart.Done(quotes.joinToString("\n") { "\"${it.text}\" [${it.number}]" }, emptyList(), quotes, why)
    }

    private fun tooFar(found: Answer): String? =
        if (found.abstain) "the best passage's cosine is %.3f, below %.3f".format(Locale.ROOT, found.best, found.threshold) else null

    private fun source(number: Int, block: Block) = Source(number, block.corpus, block.source, block.title, block.text, block.ids)

    private inner class Opened(val spec: Spec) {
        val writers = Writers(spec, platform)
        val prompt = promptOf(spec)
    }

    private companion object {
        private const val LIMIT = 10
        private const val BUDGET = 700
        private const val MEGABYTE = 1_000_000L

        private fun promptOf(spec: Spec): PromptText = try {
            PromptText(spec.prompt)
        } catch (error: IllegalArgumentException) {
            throw GeneratorException("${spec.model.parent}: its prompt ${error.message}; pack the generator again.", error)
        }
    }
}

/** [Answerer.answer] of this bundle. */
public fun Rag.answer(question: String, answerer: Answerer, threshold: Double? = null): Flow<AnswerPart> =
    answerer.answer(this, question, threshold)
