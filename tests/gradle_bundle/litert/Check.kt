package dev.pocketrag.litert

import com.google.ai.edge.litert.Accelerator as LiteRtAccelerator
import com.google.ai.edge.litert.CompiledModel
import com.google.ai.edge.litert.Environment
import com.google.ai.edge.litert.Fake
import com.google.ai.edge.litert.LiteRtException
import dev.pocketrag.harness.Given
import dev.pocketrag.harness.floats
import dev.pocketrag.harness.ints
import dev.pocketrag.harness.objects
import dev.pocketrag.harness.rows
import dev.pocketrag.harness.texts
import dev.pocketrag.runtime.Accelerator
import dev.pocketrag.runtime.Answer
import dev.pocketrag.runtime.BundleSource
import dev.pocketrag.runtime.Encoder
import dev.pocketrag.runtime.FolderSource
import dev.pocketrag.runtime.LongQuestions
import dev.pocketrag.runtime.Mode
import dev.pocketrag.runtime.Rag
import dev.pocketrag.runtime.RagClosedException
import dev.pocketrag.runtime.RagOptions
import dev.pocketrag.runtime.accelerator.Acceleration
import dev.pocketrag.runtime.accelerator.Phone
import dev.pocketrag.runtime.android.liteRtModel
import dev.pocketrag.runtime.encoder.EmbeddingModel
import dev.pocketrag.runtime.encoder.WeightCache
import dev.pocketrag.runtime.engine.Opening
import dev.pocketrag.runtime.engine.Platform
import dev.pocketrag.runtime.install.Bundle
import java.io.File
import java.io.InputStream
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.delay
import kotlinx.coroutines.runBlocking
import org.json.JSONArray
import org.json.JSONObject

/** The bundle's models on LiteRT's stand-in, all else as in the other tests. */
private class OnLiteRt(private val given: Given, private val options: RagOptions, private val phone: Phone) : Platform by given {
    override fun model(bundle: Bundle, encoder: Encoder): EmbeddingModel =
        liteRtModel(bundle, encoder, options, WeightCache(File(given.storage, "cache"), bundle.digest(encoder))) {
            Acceleration(bundle, encoder, phone, storage, options.digests)
        }
}

/** Reads tasks from standard input, a JSON array, and writes the array of what they give. */
public fun main() {
    val tasks = JSONArray(System.`in`.readBytes().toString(Charsets.UTF_8)).objects()
    println(JSONArray(tasks.map { run(it) }))
}

/**
 * Opens its `folder`, as `assets` that must be copied or where it lies, on the `accelerator` of a phone with
 * `soc`, with an environment of the app's own if `environment`, where LiteRT `has` accelerators; `broken` is how one fails once it runs,
 * `wrong` how its vectors are, after `right_runs` runs. Asks `questions`, then 8 questions at once, and closes while the first is answered.
 * Returns what was called and what came of it.
 */
private fun run(task: JSONObject): JSONObject {
    fake(task)
    val environment = if (task.optBoolean("environment")) Environment.create() else null
    val options = RagOptions(
        LongQuestions.CUT, threads = 3, accelerator = Accelerator.valueOf(task.getString("accelerator")), environment = environment,
    )
    val row = JSONObject()
    runBlocking(Dispatchers.Default) {
        val rag = Opening(OnLiteRt(Given(task), options, phone(task)), options).open(listOf(source(task)))
        row.put("answers", JSONArray(task.getJSONArray("questions").texts().map { said(rag.search(it)) }))
        row.put("full text", rag.search(QUESTION, mode = Mode.BM25).accelerator?.name ?: "none")
        if (task.optBoolean("selftest")) row.put("checks", JSONArray(rag.selfTest().checks.map { "${it.passed} ${it.detail}" }))
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
    return row.put("threads", Fake.threads.size).put("freed", Fake.freed).put("calls", JSONArray(Fake.calls.toList()))
        .put("shared options untouched", shared)
}

private fun fake(task: JSONObject) {
    val asked = LiteRtAccelerator.valueOf(task.getString("accelerator"))
    Fake.reset()
    Fake.accelerators += task.getJSONArray("has").texts().map { LiteRtAccelerator.valueOf(it) }
    Fake.dims = task.getInt("dims")
    for (text in task.getJSONArray("golden").rows()) {
        val ids = text.getJSONArray(0).ints().toList()
        Fake.vectors[ids] = floats(text.getString(1))
        Fake.onNpu[ids] = floats(text.getString(2))
    }
    if (task.has("broken")) Fake.broken = asked to failure(task.getString("broken"))
    Fake.wrong = task.optString("wrong", null)
    Fake.rightRuns = task.optInt("right_runs", 0)
}

private fun phone(task: JSONObject) = Phone(task.optString("soc", null), task.optString("state", "a phone"), "/libraries")

/** In the app's assets nothing lies as plain files. */
private fun source(task: JSONObject): BundleSource {
    val folder = File(task.getString("folder"))
    return if (task.optBoolean("assets")) Shut(folder) else FolderSource(folder)
}

private class Shut(private val place: File) : BundleSource {
    override val npu: BundleSource
        get() = Shut(File("$place.npu"))

    override fun open(name: String): InputStream = File(place, name).inputStream()
}

private fun said(answer: Answer): JSONObject =
    JSONObject().put("accelerator", answer.accelerator?.name).put("fell_back", answer.fellBack).put("why", answer.whyCpu)

private fun runs(): Int = Fake.calls.count { it.startsWith("run") }

private fun failure(kind: String): Throwable =
    if (kind == "linkage") UnsatisfiedLinkError("libOpenCL.so") else LiteRtException("out of memory")

private suspend fun outcome(rag: Rag): String =
    try {
        rag.search(QUESTION).encoder.orEmpty()
    } catch (error: RagClosedException) {
        "closed"
    }

private const val QUESTION = "king 0"
private const val CALLERS = 8
private const val SLOW = 100L
