// Stands in for com.google.ai.edge.litert, with the signatures of stubs/LiteRt.kt: writes down what is called, and runs a slow model.
@file:Suppress("unused")

package com.google.ai.edge.litert

import java.io.File
import java.util.Collections
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.atomic.AtomicBoolean

/** What the stand-in has, and what was asked of it. */
public object Fake {
    public val calls: MutableList<String> = CopyOnWriteArrayList()

    /** What models can be compiled for. */
    public val accelerators: MutableSet<Accelerator> = mutableSetOf(Accelerator.CPU)

    @Volatile
    public var dims: Int = 0

    /** Token ids as they are given, without zeros at their end -> their vector; others get the first axis. An NPU has its own. */
    public val vectors: MutableMap<List<Int>, FloatArray> = HashMap()
    public val onNpu: MutableMap<List<Int>, FloatArray> = HashMap()

    /** How an accelerator's vectors are wrong: "nan", "zeros", "long", "turned"; null where they are right. */
    @Volatile
    public var wrong: String? = null

    /** How many runs of an accelerator are right before that begins. */
    @Volatile
    public var rightRuns: Int = 0

    /** How long a run takes. */
    @Volatile
    public var millis: Long = 0

    /** What fails only when it runs, and with what. */
    @Volatile
    public var broken: Pair<Accelerator, Throwable>? = null

    /** Those on which models ran. */
    public val threads: MutableSet<String> = Collections.synchronizedSet(HashSet())

    /** Whether a model was closed while it ran. */
    @Volatile
    public var freed: Boolean = false

    /** Forgets all. */
    public fun reset() {
        calls.clear()
        threads.clear()
        vectors.clear()
        onNpu.clear()
        accelerators.retainAll(setOf(Accelerator.CPU))
        millis = 0
        rightRuns = 0
        broken = null
        wrong = null
        freed = false
    }
}

public enum class Accelerator { NONE, CPU, GPU, NPU }

public class LiteRtException(message: String) : Exception(message)

/** Freed once, as the real one's handle; nothing keeps a call from running meanwhile. */
public abstract class JniHandle internal constructor(private val what: String) : AutoCloseable {
    private val closed = AtomicBoolean()

    protected fun assertNotDestroyed(): Unit = check(!closed.get()) { "The handle has been destroyed." }

    final override fun close() {
        if (!closed.getAndSet(true)) Fake.calls += "close $what"
    }
}

public class TensorBuffer internal constructor() : JniHandle("buffer") {
    internal var ids: IntArray = IntArray(0)
    internal var vector: FloatArray = FloatArray(0)

    public fun writeInt(data: IntArray) {
        check(data.isNotEmpty())
        ids = data.copyOf()
    }

    public fun readFloat(): FloatArray = vector.copyOf()
}

public class CompiledModel private constructor(private val accelerators: Set<Accelerator>) : JniHandle("model") {
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

    public fun createInputBuffers(signature: String): List<TensorBuffer> = listOf(TensorBuffer()).also { check(signature.isNotEmpty()) }

    public fun createOutputBuffers(signature: String): List<TensorBuffer> = listOf(TensorBuffer()).also { check(signature.isNotEmpty()) }

    public fun run(inputs: List<TensorBuffer>, outputs: List<TensorBuffer>, signature: String) {
        assertNotDestroyed()
        Fake.calls += "run $signature"
        Fake.threads += Thread.currentThread().run { "$name $id" }
        Fake.broken?.let { (accelerator, error) -> if (accelerator in accelerators) throw error }
        Thread.sleep(Fake.millis)
        try {
            assertNotDestroyed()
        } catch (_: IllegalStateException) {
            Fake.freed = true
        }
        check(inputs.size == outputs.size && signature == "embed_${inputs.single().ids.size}")
        outputs.single().vector = computed(inputs.single().ids)
    }

    private fun computed(ids: IntArray): FloatArray {
        val given = if (Accelerator.NPU in accelerators) Fake.onNpu else Fake.vectors
        val right = given[ids.dropLastWhile { it == 0 }] ?: FloatArray(Fake.dims).also { it[0] = 1f }
        if (Accelerator.CPU in accelerators || Fake.rightRuns-- > 0) return right
        return when (Fake.wrong) {
            "nan" -> right.copyOf().also { it[0] = Float.NaN }
            "zeros" -> FloatArray(right.size)
            "long" -> FloatArray(right.size) { right[it] * LONG }
            "turned" -> right.copyOf().also { it.reverse() }
            else -> right
        }
    }

    public companion object {
        private const val LONG = 18f

        @JvmStatic
        @JvmOverloads
        public fun create(filePath: String, options: Options = Options.CPU, optionalEnv: Environment? = null): CompiledModel {
            val cpu = options.cpuOptions?.run { " threads $numThreads cache ${xnnPackWeightCachePath != null}" }.orEmpty()
            val gpu = options.gpuOptions?.run { " precision $precision" }.orEmpty()
            val where = if (optionalEnv == null) " without an environment" else ""
            Fake.calls += "create ${options.accelerators}$cpu$gpu ${File(filePath).name}$where"
            if (!Fake.accelerators.containsAll(options.accelerators)) throw LiteRtException("Some ops are not accelerated.")
            check(filePath.isNotEmpty())
            return CompiledModel(options.accelerators)
        }
    }
}

public class Environment private constructor() : JniHandle("environment") {
    public enum class Option { CompilerPluginLibraryDir, DispatchLibraryDir }

    public fun getAvailableAccelerators(): Set<Accelerator> = Fake.accelerators

    public companion object {
        @JvmStatic
        @JvmOverloads
        public fun create(options: Map<Option, String> = mapOf()): Environment {
            Fake.calls += "environment $options"
            return Environment()
        }
    }
}
