package dev.pocketrag.runtime.encoder

import kotlin.math.sqrt

/** What vectors of the golden texts must keep of those that they are held to: mean and least cosine, and the share of the same passages. */
internal class Agreement(val mean: Double, val least: Double, val overlap: Double = 0.95)

/** Models without int8 activations: ARM's kernels round those otherwise; they lie as near to the float model, but not as near to x86's. */
private val FLOAT = listOf("float32", "t32-a32-f32-h32")

/** Of a bundle's model on another processor (android_assets/README.md). */
internal fun agreement(quantization: String): Agreement =
    if (quantization in FLOAT) Agreement(0.9999, 0.999, 0.98) else Agreement(0.997, 0.99)

/** -1 where it is no number. */
internal fun cosine(left: FloatArray, right: FloatArray): Double {
    if (left.size != right.size) return -1.0
    fun dot(a: FloatArray, b: FloatArray) = a.indices.sumOf { a[it].toDouble() * b[it] }
    val value = dot(left, right) / sqrt(dot(left, left) * dot(right, right))
    return if (value.isFinite()) value else -1.0
}
