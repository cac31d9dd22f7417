// Signatures of com.google.ai.edge.litert 2.2 and 2.3: litert/kotlin/src/main/kotlin/com/google/ai/edge/litert/Model.kt, TensorBuffer.kt,
// Environment.kt and Common.kt of github.com/google-ai-edge/LiteRT, at v2.2.0 and at f67457790c9c2ab67347d6fe53270e8d3df20868.
package com.google.ai.edge.litert

public enum class Accelerator { NONE, CPU, GPU, NPU }

public class TensorBuffer internal constructor() : AutoCloseable {
    public fun writeInt(data: IntArray): Unit = error("a stub: ${data.size}")

    public fun readFloat(): FloatArray = error("a stub")

    override fun close(): Unit = error("a stub")
}

public class CompiledModel private constructor() : AutoCloseable {
    public data class CpuOptions(
        val numThreads: Int? = null,
        val xnnPackFlags: Int? = null,
        val xnnPackWeightCachePath: String? = null,
    )

    public data class GpuOptions(
        val constantTensorSharing: Boolean? = null,
        val infiniteFloatCapping: Boolean? = null,
        val allowSrcQuantizedFcConvOps: Boolean? = null,
        val precision: Precision? = null,
        val bufferStorageType: BufferStorageType? = null,
        val preferTextureWeights: Boolean? = null,
        val serializationDir: String? = null,
        val modelCacheKey: String? = null,
        val serializeProgramCache: Boolean? = null,
        val serializeExternalTensors: Boolean? = null,
        val externalTensorsMode: Boolean? = null,
        val externalTensorPattern: String? = null,
        val backend: Backend? = null,
        val priority: Priority? = null,
        val numStepsOfCommandBufferPreparations: Int? = null,
    ) {
        public enum class Precision { DEFAULT, FP16, FP32, FP16_WITH_FP32_ACCUM }

        public enum class BufferStorageType

        public enum class Backend { AUTOMATIC, OPENCL, OPENGL }

        public enum class Priority
    }

    public class Options(internal val accelerators: Set<Accelerator>) {
        public constructor(vararg accelerators: Accelerator) : this(setOf(*accelerators))

        public var cpuOptions: CpuOptions? = null
        public var gpuOptions: GpuOptions? = null

        public companion object {
            @JvmStatic
            public val CPU: Options = Options(Accelerator.CPU)
        }
    }

    public fun createInputBuffers(signature: String): List<TensorBuffer> = error("a stub: $signature")

    public fun createOutputBuffers(signature: String): List<TensorBuffer> = error("a stub: $signature")

    public fun run(inputs: List<TensorBuffer>, outputs: List<TensorBuffer>, signature: String): Unit =
        error("a stub: $inputs, $outputs, $signature")

    override fun close(): Unit = error("a stub")

    public companion object {
        @JvmStatic
        @JvmOverloads
        public fun create(filePath: String, options: Options = Options.CPU, optionalEnv: Environment? = null): CompiledModel =
            error("a stub: $filePath, ${options.accelerators}, $optionalEnv")
    }
}

public class Environment private constructor() : AutoCloseable {
    public enum class Option { CompilerPluginLibraryDir, DispatchLibraryDir }

    public fun getAvailableAccelerators(): Set<Accelerator> = error("a stub")

    override fun close(): Unit = error("a stub")

    public companion object {
        @JvmStatic
        @JvmOverloads
        public fun create(options: Map<Option, String> = mapOf()): Environment = error("a stub: $options")
    }
}
