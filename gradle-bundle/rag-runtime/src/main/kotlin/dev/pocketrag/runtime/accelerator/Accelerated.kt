package dev.pocketrag.runtime.accelerator

import dev.pocketrag.runtime.Accelerator
import dev.pocketrag.runtime.RagException
import dev.pocketrag.runtime.encoder.EmbeddingModel
import dev.pocketrag.runtime.encoder.attempt
import dev.pocketrag.runtime.encoder.isVector
import dev.pocketrag.runtime.encoder.padded
import dev.pocketrag.runtime.encoder.reason
import dev.pocketrag.runtime.engine.closeAll

/**
 * A model on an accelerator with the CPU behind it, which is opened when it is needed: for what is longer than the accelerator's file
 * takes, and for good once the accelerator fails or gives what is no vector.
 *
 * @param fast the model there; null where it may not be used, for [why].
 * @param lengths those that [fast] takes, rising.
 * @param pad what ids are padded with.
 */
internal class Accelerated(
    private var fast: EmbeddingModel?,
    private val lengths: List<Int>,
    private val pad: Int,
    private var why: String?,
    private val openCpu: () -> EmbeddingModel,
) : EmbeddingModel {
    private var cpu: EmbeddingModel? = null

    /** Of the last run. */
    override var accelerator: Accelerator = fast?.accelerator ?: Accelerator.CPU
        private set

    override var whyCpu: String? = why
        private set

    override fun run(ids: IntArray): FloatArray {
        fast?.let { quickly(it, ids) }?.let { return it }
        accelerator = Accelerator.CPU
        whyCpu = why ?: "the text is longer than the ${lengths.last()} tokens that the file for the NPU takes"
        return opened().run(ids)
    }

    /** Opens the CPU's model now. */
    fun opened(): EmbeddingModel = cpu ?: openCpu().also { cpu = it }

    /** Returns null where the CPU must do it. */
    private fun quickly(model: EmbeddingModel, ids: IntArray): FloatArray? {
        val length = lengths.firstOrNull { it >= ids.size } ?: return null
        val failure = try {
            val vector = attempt { model.run(ids.padded(length, pad)) }
            accelerator = model.accelerator
            whyCpu = null
            if (isVector(vector)) return vector
            "it gave a vector of NaN, infinity or zeros"
        } catch (error: RagException) {
            error.reason
        }
        why = "${model.accelerator} failed: $failure"
        fast = null
        model.close()
        return null
    }

    override fun close(): Unit = closeAll(listOfNotNull(fast, cpu))
}
