package dev.pocketrag.litert

import com.google.ai.edge.litert.Accelerator as LiteRtAccelerator
import com.google.ai.edge.litert.CompiledModel
import com.google.ai.edge.litert.Environment
import com.google.ai.edge.litert.Fake
import com.google.ai.edge.litert.LiteRtException
import dev.pocketrag.harness.Given
import dev.pocketrag.harness.texts
import dev.pocketrag.runtime.Accelerator
import dev.pocketrag.runtime.Encoder
import dev.pocketrag.runtime.FolderSource
import dev.pocketrag.runtime.Rag
import dev.pocketrag.runtime.RagClosedException
import dev.pocketrag.runtime.RagOptions
import dev.pocketrag.runtime.android.liteRtModel
import dev.pocketrag.runtime.encoder.EmbeddingModel
import dev.pocketrag.runtime.encoder.WeightCache
import dev.pocketrag.runtime.engine.Opening
import dev.pocketrag.runtime.engine.Platform
import dev.pocketrag.runtime.install.Bundle
import java.io.File
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.delay
import kotlinx.coroutines.runBlocking
import org.json.JSONArray
import org.json.JSONObject

/** The bundle's models on LiteRT's stand-in, all else as in the other tests. */
private class OnLiteRt(private val given: Given, private val options: RagOptions) : Platform by given {
    override fun model(bundle: Bundle, encoder: Encoder): EmbeddingModel =
        liteRtModel(
            bundle.model(encoder), options, WeightCache(File(given.storage, "cache"), bundle.digest(encoder)), encoder.spec.lengths.first(),
        )
}

/**
 * Reads a task from standard input: opens its `folder` on the `accelerator`, with an environment of the app's own if `environment`, where
 * LiteRT `has` accelerators, of which the GPU is `broken` once it runs; asks 8 questions at once, and closes while the first is answered. Writes what was called and what came of it.
 */
public fun main() {
    val task = JSONObject(System.`in`.readBytes().toString(Charsets.UTF_8))
    val environment = if (task.optBoolean("environment")) Environment.create() else null
    val options = RagOptions(threads = 3, accelerator = Accelerator.valueOf(task.getString("accelerator")), environment = environment)
    Fake.accelerators += task.getJSONArray("has").texts().map { LiteRtAccelerator.valueOf(it) }
    Fake.dims = task.getInt("dims")
    if (task.has("broken")) Fake.broken = LiteRtAccelerator.GPU to failure(task.getString("broken"))
    val row = JSONObject()
    runBlocking(Dispatchers.Default) {
        val rag = Opening(OnLiteRt(Given(task), options), options).open(listOf(FolderSource(File(task.getString("folder")))))
        val answer = rag.search(QUESTION)
        row.put("accelerator", answer.accelerator?.name).put("fell_back", answer.fellBack)
        row.put("full text", rag.search(QUESTION, mode = dev.pocketrag.runtime.Mode.BM25).accelerator?.name ?: "none")
        // Longer than a thread pool would keep a thread that has nothing to do.
        delay(task.optLong("idle"))
        Fake.millis = SLOW
        val before = runs()
        val ends = List(CALLERS) { async { outcome(rag) } }
        while (runs() == before) delay(1)
        rag.closeAndJoin()
        row.put("ends", JSONArray(ends.awaitAll()))
    }
    val shared = CompiledModel.Options.CPU.run { cpuOptions == null && gpuOptions == null }
    row.put("threads", Fake.threads.size).put("freed", Fake.freed).put("calls", JSONArray(Fake.calls)).put("shared options untouched", shared)
    println(row)
}

private fun runs(): Int = Fake.calls.count { it.startsWith("run") }

private fun failure(kind: String): Throwable = if (kind == "linkage") UnsatisfiedLinkError("libOpenCL.so") else LiteRtException("out of memory")

private suspend fun outcome(rag: Rag): String =
    try {
        rag.search(QUESTION).encoder.orEmpty()
    } catch (error: RagClosedException) {
        "closed"
    }

private const val QUESTION = "king 0"
private const val CALLERS = 8
private const val SLOW = 100L
