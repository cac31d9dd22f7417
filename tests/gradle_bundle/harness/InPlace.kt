package dev.pocketrag.harness

import dev.pocketrag.runtime.FolderSource
import dev.pocketrag.runtime.InstallState
import dev.pocketrag.runtime.PackSource
import dev.pocketrag.runtime.Rag
import dev.pocketrag.runtime.RagException
import dev.pocketrag.runtime.engine.Opening
import dev.pocketrag.runtime.install.BundleInstaller
import dev.pocketrag.runtime.install.RealFiles
import dev.pocketrag.runtime.install.newestCopy
import java.io.File
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.job
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import org.json.JSONArray
import org.json.JSONObject

/**
 * Does `steps` to a bundle in `folder`, opened in place with storage `root`: "open" and "search" ask, "pack" opens it as a pack's,
 * "flip" changes a byte and puts time and size back, "touch" changes the time, "remove" deletes all files, "fill" makes storage unwritable,
 * "earlier" opens the copy that lies there, "assets" the bundle as a source that must be copied, in a `Rag` of its own.
 */
internal fun inPlace(task: JSONObject): Any {
    val folder = File(task.getString("folder"))
    val given = Given(task)
    var rag: Rag? = null
    var copied: Rag? = null
    val rows = task.getJSONArray("steps").texts().map { step ->
        try {
            when (step) {
                "open" -> "opened".also { rag = runBlocking { Opening(given, options(task)).open(listOf(FolderSource(folder))) } }
                "pack" -> "opened".also {
                    val source = PackSource(folder.parentFile.parentFile.path, folder.name)
                    rag = runBlocking { Opening(given, options(task)).open(listOf(source)) }
                }
                "search" -> checkNotNull(rag).searchBlocking("king 0").hits.size
                "selftest" -> checkNotNull(rag).selfTestBlocking().checks.size
                "close" -> "closed".also { runBlocking { rag?.closeAndJoin() } }
                "flip" -> "flipped".also { flip(File(folder, "corpus.db")) }
                "touch" -> File(folder, "corpus.db").setLastModified(0)
                "remove" -> folder.deleteRecursively()
                "fill" -> File(given.storage.path + ".checked").run { deleteRecursively() && writeText("in the way").let { true } }
                "copy" -> BundleInstaller(Assets(folder), given.storage).install().copiedBytes
                "assets" -> "opened".also { copied = runBlocking { Opening(given, options(task)).open(listOf(Assets(folder))) } }
                "selftest of assets" -> checkNotNull(copied).selfTestBlocking().checks.size
                "close assets" -> "closed".also { runBlocking { copied?.closeAndJoin() } }
                "earlier" -> "opened".also {
                    val copy = checkNotNull(newestCopy(given.storage, folder.name)) { "there is no copy" }
                    rag = runBlocking { Opening(given, options(task)).open(listOf(FolderSource(copy))) }
                }
                "kept" -> given.storage.walk().filter { it.isFile && !it.name.endsWith(".lock") }.count()
                else -> error(step)
            }
        } catch (error: RagException) {
            error.javaClass.simpleName
        }
    }
    runBlocking { rag?.closeAndJoin() }
    return JSONArray(rows)
}

private fun flip(file: File) {
    val time = file.lastModified()
    val bytes = file.readBytes()
    bytes[bytes.size - 1] = (bytes[bytes.size - 1] + 1).toByte()
    file.writeBytes(bytes)
    check(file.setLastModified(time))
}

/** The states of installing `source` below `root`; with `cancel_at`, cancelled when so many bytes are copied. */
internal fun installation(task: JSONObject): Any {
    val opening = Opening(Given(task), options(task))
    val source = if (task.optBoolean("in_place")) FolderSource(File(task.getString("source"))) else Assets(File(task.getString("source")))
    val states = ArrayList<InstallState>()
    val end = runBlocking(Dispatchers.Default) {
        try {
            if (task.has("cancel_at")) {
                val limit = task.getLong("cancel_at")
                launch {
                    val job = coroutineContext.job
                    opening.install(source, { if (!job.isActive) throw CancellationException("cancelled") }) {
                        states += it
                        if (it is InstallState.Copying && it.copiedBytes >= limit) job.cancel()
                    }
                }.join()
            } else {
                states += Rag.installation(opening, source).toList()
            }
            ""
        } catch (error: RagException) {
            error.javaClass.simpleName
        }
    }
    return JSONObject().put("end", end).put("states", JSONArray(states.map(::told)))
}

private fun told(state: InstallState): JSONArray = when (state) {
    InstallState.Checking -> JSONArray(listOf("checking"))
    is InstallState.Copying -> JSONArray(listOf("copying", state.copiedBytes, state.totalBytes))
    is InstallState.Done -> JSONArray(listOf("done", state.copiedBytes))
}

/** Opens what is copied from `source` below `root`, and says when it holds the lock, for `hold` milliseconds; meant for two processes. */
internal fun twoOpenings(task: JSONObject): Any {
    var copied = 0L
    val opening = Opening(Given(task), options(task))
    opening.install(Assets(File(task.getString("source"))), { Thread.sleep(task.optLong("pause", 0)) }) {
        if (it is InstallState.Done) copied = it.copiedBytes
    }
    check(RealFiles.size(File(task.getString("root"))) >= 0)
    return copied
}
