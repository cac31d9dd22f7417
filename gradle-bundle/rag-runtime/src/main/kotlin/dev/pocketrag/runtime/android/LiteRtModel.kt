package dev.pocketrag.runtime.android

import com.google.ai.edge.litert.Accelerator
import com.google.ai.edge.litert.CompiledModel
import com.google.ai.edge.litert.TensorBuffer
import dev.pocketrag.runtime.EmbeddingModel
import dev.pocketrag.runtime.WeightCache
import java.io.File

/**
 * An encoder's `.tflite` on LiteRT's `CompiledModel`, on the CPU in float32: EmbeddingGemma's activations overflow fp16, so neither the GPU
 * nor XNNPACK's fp16 flag. All signatures share one packed copy of the weights through [cache].
 *
 * @param threads 2 fit the big cores that every phone has, and are what the desktop's gates use.
 */
public class LiteRtModel(file: File, private val cache: WeightCache? = null, threads: Int = 2) : EmbeddingModel {
    private class Buffers(val inputs: List<TensorBuffer>, val outputs: List<TensorBuffer>)

    private val model: CompiledModel = CompiledModel.create(file.path, options(threads, cache))
    private val buffers = HashMap<Int, Buffers>()
    private var vouched = false

    override fun run(ids: IntArray): FloatArray {
        val signature = "embed_${ids.size}"
        val bound = buffers.getOrPut(ids.size) { Buffers(model.createInputBuffers(signature), model.createOutputBuffers(signature)) }
        bound.inputs.single().writeInt(ids)
        model.run(bound.inputs, bound.outputs, signature)
        return bound.outputs.single().readFloat().also { vouch() }
    }

    private fun vouch() {
        if (!vouched) cache?.vouch()
        vouched = true
    }

    override fun close() {
        buffers.values.flatMap { it.inputs + it.outputs }.forEach { it.close() }
        buffers.clear()
        model.close()
    }

    private companion object {
        private fun options(threads: Int, cache: WeightCache?): CompiledModel.Options {
            val options = CompiledModel.Options(Accelerator.CPU)
            options.cpuOptions = CompiledModel.CpuOptions(numThreads = threads, xnnPackWeightCachePath = cache?.prepare()?.path)
            return options
        }
    }
}
