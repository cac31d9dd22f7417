// Signatures of com.google.ai.edge.litert 2.2: litert/kotlin/src/main/kotlin/com/google/ai/edge/litert/Model.kt, TensorBuffer.kt and
// Common.kt of github.com/google-ai-edge/LiteRT.
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

    public class Options(internal val accelerators: Set<Accelerator>) {
        public constructor(vararg accelerators: Accelerator) : this(setOf(*accelerators))

        public var cpuOptions: CpuOptions? = null
    }

    public fun createInputBuffers(signature: String): List<TensorBuffer> = error("a stub: $signature")

    public fun createOutputBuffers(signature: String): List<TensorBuffer> = error("a stub: $signature")

    public fun run(inputs: List<TensorBuffer>, outputs: List<TensorBuffer>, signature: String): Unit =
        error("a stub: $inputs, $outputs, $signature")

    override fun close(): Unit = error("a stub")

    public companion object {
        @JvmStatic
        @JvmOverloads
        public fun create(filePath: String, options: Options = Options(Accelerator.CPU), optionalEnv: Environment? = null): CompiledModel =
            error("a stub: $filePath, ${options.accelerators}, $optionalEnv")
    }
}

public class Environment private constructor()
