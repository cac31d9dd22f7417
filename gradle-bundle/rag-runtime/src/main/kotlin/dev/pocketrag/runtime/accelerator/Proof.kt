package dev.pocketrag.runtime.accelerator

import dev.pocketrag.runtime.ModelException
import dev.pocketrag.runtime.encoder.Agreement
import dev.pocketrag.runtime.encoder.EmbeddingModel
import dev.pocketrag.runtime.encoder.GoldenText
import dev.pocketrag.runtime.encoder.cosine
import dev.pocketrag.runtime.encoder.isVector
import dev.pocketrag.runtime.encoder.padded
import java.util.Locale
import kotlin.math.abs
import kotlin.math.sqrt

/** How far from 1 the length of a vector may be. */
private const val NORM = 0.01

/**
 * The golden texts by which an accelerator is proved on the phone itself: drivers are known to give zeros, NaN, or vectors of other texts,
 * without an error.
 *
 * @param lengths those that the accelerator's file takes, rising; texts that are longer prove nothing.
 * @param pad what ids are padded with.
 * @param reference what a text's vector must be near to.
 */
internal class Proof(
    texts: List<GoldenText>,
    private val lengths: List<Int>,
    private val pad: Int,
    private val limits: Agreement,
    private val reference: (GoldenText) -> FloatArray,
) {
    private val texts = texts.filter { it.ids.size <= lengths.last() }

    /** @throws ModelException a vector is none, or too far from what the building machine computed. */
    fun hold(model: EmbeddingModel) {
        if (texts.isEmpty()) throw ModelException("no golden text is short enough to prove it")
        val mean = texts.map { text -> cosineOf(model, text) }.average()
        if (mean < limits.mean) throw ModelException("mean cosine to golden vectors %.5f, not %s".format(Locale.ROOT, mean, limits.mean))
    }

    /**
     * Computes one text, where all were proved before.
     *
     * @throws ModelException as [hold] does.
     */
    fun glance(model: EmbeddingModel) {
        cosineOf(model, texts.first())
    }

    private fun cosineOf(model: EmbeddingModel, text: GoldenText): Double {
        val vector = model.run(text.ids.padded(lengths.first { it >= text.ids.size }, pad))
        val norm = sqrt(vector.sumOf { it.toDouble() * it })
        val cosine = cosine(vector, reference(text))
        val what = when {
            !isVector(vector) -> "it gave a vector of NaN, infinity or zeros"
            abs(norm - 1) > NORM -> "it gave a vector of length %.3f".format(Locale.ROOT, norm)
            cosine < limits.least -> "cosine to a golden vector %.5f, not %s".format(Locale.ROOT, cosine, limits.least)
            else -> return cosine
        }
        throw ModelException("$what for a golden text")
    }
}
