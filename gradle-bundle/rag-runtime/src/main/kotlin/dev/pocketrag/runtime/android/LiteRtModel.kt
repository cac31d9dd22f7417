package dev.pocketrag.runtime.android

import com.google.ai.edge.litert.Accelerator
import com.google.ai.edge.litert.CompiledModel
import com.google.ai.edge.litert.Environment
import com.google.ai.edge.litert.TensorBuffer
import dev.pocketrag.runtime.RagOptions
import dev.pocketrag.runtime.encoder.EmbeddingModel
import dev.pocketrag.runtime.encoder.WeightCache
import java.io.File

/** Opens a `.tflite` on the accelerator that the app chose, and on the CPU where that can't be. */
internal fun liteRtModel(file: File, options: RagOptions, cache: WeightCache): EmbeddingModel {
    if (options.accelerator == dev.pocketrag.runtime.Accelerator.CPU) return onCpu(file, options, cache)
    return try {
        LiteRtModel(file, options, accelerated(options))
    } catch (error: Exception) {
        try {
            onCpu(file, options, cache)
        } catch (second: Exception) {
            throw second.apply { addSuppressed(error) }
        }
    }
}

/** All signatures share one packed copy of the weights through [cache]. */
private fun onCpu(file: File, options: RagOptions, cache: WeightCache): EmbeddingModel = closingOnFailure(cache) {
    val compiled = CompiledModel.Options(Accelerator.CPU)
    compiled.cpuOptions = CompiledModel.CpuOptions(options.threads, null, cache.prepare()?.path)
    LiteRtModel(file, options, compiled, cache)
}

private fun accelerated(options: RagOptions): CompiledModel.Options {
    val first = Accelerator.valueOf(options.accelerator.name)
    return CompiledModel.Options(first, Accelerator.CPU).apply {
        cpuOptions = CompiledModel.CpuOptions(options.threads, null, null)
        if (first == Accelerator.GPU) gpuOptions = CompiledModel.GpuOptions(precision = CompiledModel.GpuOptions.Precision.FP32)
    }
}

/** An encoder's `.tflite` on LiteRT's `CompiledModel`, in float32: neither the GPU's half precision nor XNNPACK's fp16 flag. */
private class LiteRtModel(
    file: File,
    options: RagOptions,
    compiled: CompiledModel.Options,
    private val cache: WeightCache? = null,
) : EmbeddingModel {
    /** What LiteRT makes by itself stays open where the model can't be made. */
    private val own: Environment? = if (options.environment == null) Environment.create(emptyMap()) else null
    private val model: CompiledModel = closingOnFailure(own) { CompiledModel.create(file.path, compiled, options.environment ?: own) }

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
        own?.close()
        cache?.close()
    }
}

private fun <T> closingOnFailure(what: AutoCloseable?, work: () -> T): T =
    try {
        work()
    } catch (error: Throwable) {
        what?.close()
        throw error
    }
