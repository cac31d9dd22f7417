// Signatures of com.google.ai.edge.litert:litert-api 2.3: litert/kotlin/src/main/kotlin/com/google/ai/edge/litert/{Common,Model,
// TensorBuffer}.kt of github.com/google-ai-edge/LiteRT at f67457790c9c (21 August 2026, the newest source that could be read, after 2.2.0 and
// before 2.3.2; it has every call of v2.2.0 here). What only Java callers see of them is left out.
package com.google.ai.edge.litert

public enum class Accelerator(public val value: Int) { NONE(0), CPU(1), GPU(2), NPU(3) }

/** What wraps native memory; `close` twice is one. */
public abstract class JniHandle internal constructor(internal val handle: Long) : AutoCloseable {
    protected abstract fun destroy()

    final override fun close(): Unit = destroy()
}

public class TensorBuffer internal constructor(handle: Long) : JniHandle(handle) {
    @Throws(LiteRtException::class)
    public fun writeInt(data: IntArray): Unit = nativeWriteInt(handle, data)

    @Throws(LiteRtException::class)
    public fun readFloat(): FloatArray = nativeReadFloat(handle)

    override fun destroy(): Unit = nativeDestroy(handle)

    public companion object {
        @JvmStatic
        private external fun nativeWriteInt(handle: Long, data: IntArray)

        @JvmStatic
        private external fun nativeReadFloat(handle: Long): FloatArray

        @JvmStatic
        private external fun nativeDestroy(handle: Long)
    }
}

public class CompiledModel private constructor(handle: Long) : JniHandle(handle) {
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
            /** One object for all who ask: what is set on it holds for them too. */
            @JvmStatic
            public val CPU: Options = Options(Accelerator.CPU)
        }
    }

    @Throws(LiteRtException::class)
    public fun createInputBuffers(signature: String): List<TensorBuffer> =
        nativeCreateInputBuffersBySignature(handle, signature).map { TensorBuffer(it) }

    @Throws(LiteRtException::class)
    public fun createOutputBuffers(signature: String): List<TensorBuffer> =
        nativeCreateOutputBuffersBySignature(handle, signature).map { TensorBuffer(it) }

    @Throws(LiteRtException::class)
    public fun run(inputs: List<TensorBuffer>, outputs: List<TensorBuffer>, signature: String): Unit =
        nativeRunBySignature(handle, signature, handles(inputs), handles(outputs))

    override fun destroy(): Unit = nativeDestroy(handle)

    private fun handles(buffers: List<TensorBuffer>): LongArray = buffers.map { it.handle }.toLongArray()

    public companion object {
        /** The model owns an environment that it makes itself, and leaves the caller's open. */
        @Throws(LiteRtException::class)
        @JvmStatic
        @JvmOverloads
        public fun create(filePath: String, options: Options = Options.CPU, optionalEnv: Environment? = null): CompiledModel {
            val env = optionalEnv ?: Environment.create()
            return CompiledModel(nativeCreateFromFile(env.handle, filePath, options.accelerators.map { it.value }.toIntArray()))
        }

        @JvmStatic
        private external fun nativeCreateFromFile(envHandle: Long, filePath: String, accelerators: IntArray): Long

        @JvmStatic
        private external fun nativeCreateInputBuffersBySignature(compiledModelHandle: Long, signature: String): LongArray

        @JvmStatic
        private external fun nativeCreateOutputBuffersBySignature(compiledModelHandle: Long, signature: String): LongArray

        @JvmStatic
        private external fun nativeRunBySignature(
            compiledModelHandle: Long,
            signature: String,
            inputBuffers: LongArray,
            outputBuffers: LongArray,
        )

        @JvmStatic
        private external fun nativeDestroy(handle: Long)
    }
}
