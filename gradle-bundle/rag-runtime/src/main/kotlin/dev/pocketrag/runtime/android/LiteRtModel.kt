package dev.pocketrag.runtime.android

import com.google.ai.edge.litert.Accelerator as LiteRtAccelerator
import com.google.ai.edge.litert.CompiledModel
import com.google.ai.edge.litert.Environment
import com.google.ai.edge.litert.TensorBuffer
import dev.pocketrag.runtime.Accelerator
import dev.pocketrag.runtime.ModelException
import dev.pocketrag.runtime.RagOptions
import dev.pocketrag.runtime.encoder.EmbeddingModel
import dev.pocketrag.runtime.encoder.WeightCache
import dev.pocketrag.runtime.engine.closeAll
import java.io.File

/**
 * An encoder's `.tflite` on LiteRT's `CompiledModel`, in float32: neither the GPU's half precision nor XNNPACK's fp16 flag. For one thread:
 * LiteRT frees a model's memory when it is closed, also under a call that runs.
 *
 * @param libraries the folder of the app's native libraries, where LiteRT looks for those of an NPU.
 * @param cache through it all signatures share one packed copy of the weights; the CPU's alone.
 */
internal class LiteRtModel(
    file: File,
    private val options: RagOptions,
    override val accelerator: Accelerator,
    libraries: String? = null,
    private val cache: WeightCache? = null,
) : EmbeddingModel {
    /** What LiteRT makes by itself stays open where the model can't be made. */
    private val own: Environment? = if (options.environment == null) Environment.create(places(libraries)) else null
    private val model: CompiledModel = closingOnFailure(own) { compiled(file, checkNotNull(options.environment ?: own)) }

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

    private fun compiled(file: File, environment: Environment): CompiledModel {
        val asked = LiteRtAccelerator.valueOf(accelerator.name)
        // LiteRT takes the CPU beside an NPU in any case, and an NPU that is not there for nothing.
        if (accelerator == Accelerator.NPU && asked !in environment.getAvailableAccelerators()) {
            throw ModelException("LiteRT found no NPU here, or not its libraries in the app")
        }
        // Never on LiteRT's own `Options.CPU`, which all of the app's models share.
        val choices = CompiledModel.Options(asked)
        if (asked == LiteRtAccelerator.GPU) {
            choices.gpuOptions = CompiledModel.GpuOptions(precision = CompiledModel.GpuOptions.Precision.FP32)
        } else {
            choices.cpuOptions = CompiledModel.CpuOptions(options.threads, null, cache?.prepare()?.path)
        }
        return CompiledModel.create(file.path, choices, environment)
    }

    private fun places(libraries: String?): Map<Environment.Option, String> =
        if (libraries == null) emptyMap() else mapOf(Environment.Option.DispatchLibraryDir to libraries)

    private fun vouch() {
        if (vouched) return
        vouched = true
        cache?.vouch()
    }

    override fun close() {
        val all = buffers.values.flatMap { (inputs, outputs) -> inputs + outputs } + listOfNotNull(model, own, cache)
        buffers.clear()
        closeAll(all)
    }
}
