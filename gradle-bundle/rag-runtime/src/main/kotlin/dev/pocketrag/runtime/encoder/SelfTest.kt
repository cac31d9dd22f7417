package dev.pocketrag.runtime.encoder

import dev.pocketrag.runtime.Accelerator
import dev.pocketrag.runtime.Check
import dev.pocketrag.runtime.Encoder
import dev.pocketrag.runtime.ModelException
import dev.pocketrag.runtime.search.Fusion
import dev.pocketrag.runtime.search.Retriever

private const val TOP = 10

/** Characters of a text that differs. */
private const val SHOWN = 60

/**
 * Compares this phone with what the building machine wrote of one encoder: tokens, vectors, rankings. The limits of the agreement on
 * another processor are those of android_assets/README.md.
 */
internal class SelfTest(
    private val encoder: Encoder,
    private val golden: Golden,
    private val retriever: Retriever,
    private val check: () -> Unit,
) {
    private val limits = agreement(encoder.spec.quantization)

    /** @param open gives the encoder, or throws the [ModelException] of why it can't be used. */
    fun run(open: () -> Embedder): List<Check> =
        try {
            val embedder = open()
            listOf(tokens(embedder)) + cosines(embedder) + overlap(embedder)
        } catch (error: ModelException) {
            listOf(Check(encoder.name, "model", null, 1.0, 0, error.reason))
        }

    /** The share of texts whose token ids are the golden ones; and whose prompts are. */
    private fun tokens(embedder: Embedder): Check {
        val wrong = golden.texts.filter { text ->
            val prompted = text.question?.let { embedder.spec.prompts.ask(it) } ?: text.prompted
            prompted != text.prompted || !embedder.ids(prompted).contentEquals(text.ids)
        }
        val detail = wrong.firstOrNull()?.let { "differs first: ${it.prompted.take(SHOWN)}" } ?: "same token ids"
        return figure("tokens", 1.0 - wrong.size.toDouble() / golden.texts.size, 1.0, golden.texts.size, detail)
    }

    private fun cosines(embedder: Embedder): List<Check> {
        val cosines = golden.texts.map {
            check()
            val vector = embedder.embed(it.ids)
            cosine(vector, if (embedder.accelerator == Accelerator.NPU) it.twin else it.shipped)
        }
        val what = "mean cosine to the shipped model's vectors, on an NPU to the float model's"
        val where = embedder.whyCpu ?: "on the ${embedder.accelerator}"
        val mean = if (cosines.isEmpty()) -1.0 else cosines.average()
        return listOf(
            figure("cosine", mean, limits.mean, cosines.size, "$what; $where"),
            figure("least cosine", cosines.minOrNull() ?: -1.0, limits.least, cosines.size, "of one text"),
        )
    }

    private fun overlap(embedder: Embedder): Check {
        val shares = golden.texts.filter { it.question != null }.flatMap { text ->
            check()
            val vector = embedder.embed(text.ids)
            text.top.filterValues { it.isNotEmpty() }.map { (mode, wanted) ->
                val how = encoder.fusion.copy(mode = mode)
                val found = retriever.rank(text.question.orEmpty(), vector, Fusion.DEPTH, how, null, check).ranked.take(TOP)
                (wanted.toSet() intersect found.map { it.id }.toSet()).size.toDouble() / wanted.size
            }
        }
        val mean = if (shares.isEmpty()) 0.0 else shares.average()
        return figure("ranking", mean, limits.overlap, shares.size, "mean top-$TOP overlap, all modes")
    }

    private fun figure(name: String, value: Double, limit: Double, n: Int, detail: String) =
        Check(encoder.name, name, value, limit, n, detail)
}
