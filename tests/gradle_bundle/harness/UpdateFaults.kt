package dev.pocketrag.harness

import dev.pocketrag.runtime.Mode
import dev.pocketrag.runtime.Rag
import dev.pocketrag.runtime.RagException
import dev.pocketrag.runtime.engine.Opening
import dev.pocketrag.runtime.engine.blocking
import dev.pocketrag.runtime.install.FileSystem
import dev.pocketrag.runtime.update.Patch
import dev.pocketrag.runtime.update.Updating
import dev.pocketrag.runtime.update.VersionOrder
import java.io.ByteArrayOutputStream
import java.io.File
import java.util.Base64
import kotlinx.coroutines.runBlocking
import org.json.JSONArray
import org.json.JSONObject

/** Updates `source` by `delta`, or with `back` goes back from there, once for every operation and every way in which it can fail. */
internal fun updateFaults(task: JSONObject): Any {
    val all = FaultyFiles(null, 0).also { faulty(task, it) { _, _ -> } }.operations
    val rows = Fault.entries.flatMap { fault -> (1..all).map { at -> row(task, fault, at) } }
    return JSONObject().put("operations", all).put("rows", JSONArray(rows))
}

private fun open(task: JSONObject): Pair<Opening, Rag> {
    val opening = Opening(Given(task), options(task))
    return opening to runBlocking { opening.open(listOf(Assets(File(task.getString("source"))))) }
}

private fun installing(task: JSONObject, opening: Opening, rag: Rag, files: FileSystem) {
    updating(opening, rag, files).install(listOf(File(task.getString("delta"))), key(task), downgrade = true)
}

private fun updating(opening: Opening, rag: Rag, files: FileSystem) =
    Updating(opening, rag.opened, files) { blocking { rag.switch(it).closeAndJoin() } }

/** Does it with [files], whatever comes of it; gives the outcome and the version that answers then. */
private fun faulty(task: JSONObject, files: FileSystem, onEnd: (String, String) -> Unit) {
    File(task.getString("root")).deleteRecursively()
    val (opening, rag) = open(task)
    val back = task.optBoolean("back")
    if (back) installing(task, opening, rag, FaultyFiles(null, 0))
    val outcome = try {
        if (back) updating(opening, rag, files).back("tiny") else installing(task, opening, rag, files)
        "done"
    } catch (error: RagException) {
        told(error)
    } catch (error: Killed) {
        "killed"
    }
    onEnd(outcome, answering(rag))
    runBlocking { rag.closeAndJoin() }
}

private fun answering(rag: Rag): String = rag.searchBlocking("king 0", mode = Mode.BM25).let { it.version + " " + it.hits.size }

private fun row(task: JSONObject, fault: Fault, at: Int): JSONObject {
    val row = JSONObject().put("fault", fault.name).put("at", at)
    faulty(task, FaultyFiles(fault, at)) { outcome, version -> row.put("outcome", outcome).put("answers", version) }
    val (opening, rag) = open(task)
    rag.use {
        row.put("next", answering(it)).put("left", JSONArray(updateFolders(task)))
        if (!task.optBoolean("back") && it.manifest.version != task.getString("new")) installing(task, opening, it, FaultyFiles(null, 0))
        row.put("again", answering(it))
    }
    runBlocking { rag.closeAndJoin() }
    return row
}

private fun updateFolders(task: JSONObject): List<String> =
    File(task.getString("root"), ".updates").walk().filter { it.isDirectory || it.name.endsWith(".part") }.map { it.name }.sorted().toList()

/** Applies patches, base64, to files: what each gives. */
internal fun patched(task: JSONObject): Any = JSONArray(task.getJSONArray("cases").rows().map { case ->
    val old = bytes(case.getString(0))
    val (control, diff, extra) = List(3) { bytes(case.getString(it + 1)).inputStream() }
    val made = ByteArrayOutputStream()
    try {
        Patch(control, diff, extra).apply(InMemory(old), old.size.toLong()) { block, size -> made.write(block, 0, size) }
        Base64.getEncoder().encodeToString(made.toByteArray())
    } catch (error: RagException) {
        told(error)
    }
})

private class InMemory(private val bytes: ByteArray) : FileSystem.Input {
    override fun read(position: Long, block: ByteArray, size: Int) {
        bytes.copyInto(block, 0, position.toInt(), position.toInt() + size)
    }

    override fun close(): Unit = Unit
}

/** How each pair of versions compares: -1, 0 or 1. */
internal fun versions(task: JSONObject): Any = JSONArray(task.getJSONArray("pairs").rows().map {
    VersionOrder(it.getString(0)).compareTo(VersionOrder(it.getString(1))).coerceIn(-1, 1)
})
