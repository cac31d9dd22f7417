package dev.pocketrag.harness

import dev.pocketrag.runtime.BundleSource
import dev.pocketrag.runtime.Channel
import dev.pocketrag.runtime.FolderSource
import dev.pocketrag.runtime.Rag
import dev.pocketrag.runtime.RagException
import dev.pocketrag.runtime.SignatureVerifier
import dev.pocketrag.runtime.UpdateException
import dev.pocketrag.runtime.UpdateFailure
import dev.pocketrag.runtime.UpdateKey
import dev.pocketrag.runtime.UpdatePlan
import dev.pocketrag.runtime.UpdateState
import dev.pocketrag.runtime.engine.Opening
import dev.pocketrag.runtime.install.newestCopy
import dev.pocketrag.runtime.plan
import dev.pocketrag.runtime.rollback
import dev.pocketrag.runtime.update
import java.io.File
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.runBlocking
import org.json.JSONArray
import org.json.JSONObject

/** What an update ends with: "installed VERSION", or why not. */
internal fun told(error: RagException): String =
    if (error is UpdateException) "${error.reason}: ${error.message}" else "${error.javaClass.simpleName}: ${error.message}"

internal fun key(task: JSONObject): UpdateKey {
    val verifier = when (task.optString("verifier")) {
        "none" -> SignatureVerifier { _, _, _ -> throw UpdateException(UpdateFailure.NO_VERIFIER, "none here") }
        "all" -> SignatureVerifier { _, _, _ -> true }
        else -> null
    }
    return UpdateKey(task.getString("key"), verifier)
}

/** Does `steps`, [verb, argument], with storage `root`; the app brings `source`, as assets or a folder (`in_place`), and `beside`. */
internal class UpdateSteps(private val task: JSONObject) {
    private val given = Given(task)
    private var source = File(task.getString("source"))
    private val beside = task.optJSONArray("beside")?.texts().orEmpty().map { Assets(File(it)) }
    private var rag: Rag? = null

    fun run(): JSONArray = try {
        JSONArray(task.getJSONArray("steps").rows().map { step(it.getString(0), it.opt(1)) })
    } finally {
        runBlocking { rag?.closeAndJoin() }
    }

    private fun step(verb: String, what: Any?): Any = try {
        when (verb) {
            "source" -> true.also { source = File(what.toString()) }
            "open" -> true.also { rag = runBlocking { Opening(given, options(task)).open(listOf(bundle()) + beside) } }
            "close" -> true.also { runBlocking { rag?.closeAndJoin() } }
            "version" -> checkNotNull(rag).manifest.version
            "ask" -> asked(what as String)
            "update" -> JSONArray(runBlocking(Dispatchers.Default) { updated(what as JSONObject).map(::told) })
            "updates at once" -> JSONArray(atOnce((what as JSONArray).objects()))
            "rollback" -> runBlocking(Dispatchers.Default) { checkNotNull(rag).run { rollback(what as? String ?: manifest.name) } }
            "plan" -> planned(what as JSONObject)
            "installed" -> newestCopy(given.storage, what as String)?.let { File(it, "manifest.json").readText() }.orEmpty()
            "left" -> JSONArray(given.storage.walk().filter { it.isFile }.map { it.relativeTo(given.storage).path }.sorted().toList())
            else -> error(verb)
        }
    } catch (error: RagException) {
        told(error)
    }

    private fun bundle(): BundleSource = if (task.optBoolean("in_place")) FolderSource(source) else Assets(source)

    private fun asked(question: String): JSONArray {
        val answer = checkNotNull(rag).searchBlocking(question)
        return JSONArray(listOf(answer.version, answer.modelId, answer.encoder ?: JSONObject.NULL, answer.hits.first().passage.text))
    }

    private suspend fun updated(what: JSONObject): List<UpdateState> {
        val files = what.getJSONArray("files").texts().map(::File)
        val downgrade = what.optBoolean("downgrade")
        val rag = checkNotNull(rag)
        if (!what.optBoolean("stream")) return rag.update(files, key(task), downgrade).toList()
        return files.single().inputStream().use { rag.update(it, key(task), downgrade, what.optLong("limit", 1L shl 20)).toList() }
    }

    /** Each in a caller of its own, while questions are asked. */
    private fun atOnce(all: List<JSONObject>): List<String> = runBlocking(Dispatchers.Default) {
        val ends = all.map { async { try { told(updated(it).last()) } catch (error: RagException) { told(error) } } }
        while (ends.any { !it.isCompleted }) checkNotNull(rag).search("king 0")
        ends.awaitAll()
    }

    private fun planned(what: JSONObject): Any {
        val channel = Channel.read(File(what.getString("file")).readBytes(), key(task), what.optLong("last"))
        return when (val plan = runBlocking { checkNotNull(rag).plan(channel, what.optString("app", "app")) }) {
            UpdatePlan.UpToDate -> "up to date"
            is UpdatePlan.Fetch -> JSONArray(listOf(plan.version) + plan.files.map { it.name })
            is UpdatePlan.WholeBundle -> "whole ${plan.version}"
        }
    }

    private fun told(state: UpdateState): String = when (state) {
        UpdateState.Checking -> "checking"
        is UpdateState.Applying -> "applying"
        UpdateState.Testing -> "testing"
        is UpdateState.Installed -> "installed ${state.version}"
    }
}

internal fun updateSteps(task: JSONObject): Any = UpdateSteps(task).run()
