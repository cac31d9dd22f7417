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
    private val model: CompiledModel = CompiledModel.create(file.path, options(threads))

    /** Of each length its inputs and outputs. */
    private val buffers = HashMap<Int, Pair<List<TensorBuffer>, List<TensorBuffer>>>()
    private var vouched = false

    override fun run(ids: IntArray): FloatArray {
        val signature = "embed_${ids.size}"
        val (inputs, outputs) = buffers.getOrPut(ids.size) { model.createInputBuffers(signature) to model.createOutputBuffers(signature) }
        inputs.single().writeInt(ids)
        model.run(inputs, outputs, signature)
        return outputs.single().readFloat().also { vouch() }
    }

    private fun vouch() {
        if (!vouched) cache?.vouch()
        vouched = true
    }

    override fun close() {
        for ((inputs, outputs) in buffers.values) for (buffer in inputs + outputs) buffer.close()
        buffers.clear()
        model.close()
    }

    private fun options(threads: Int): CompiledModel.Options {
        val options = CompiledModel.Options(Accelerator.CPU)
        options.cpuOptions = CompiledModel.CpuOptions(numThreads = threads, xnnPackWeightCachePath = cache?.prepare()?.path)
        return options
    }
}
