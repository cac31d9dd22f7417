package dev.pocketrag.harness

import dev.pocketrag.runtime.BundleSource
import dev.pocketrag.runtime.RagException
import dev.pocketrag.runtime.engine.Opening
import dev.pocketrag.runtime.install.BundleInstaller
import dev.pocketrag.runtime.install.FileSystem
import dev.pocketrag.runtime.install.Installed
import dev.pocketrag.runtime.install.RealFiles
import java.io.Closeable
import java.io.File
import java.io.IOException
import java.io.InputStream
import kotlinx.coroutines.runBlocking
import org.json.JSONArray
import org.json.JSONObject

/** Stands for the end of the process: no `catch` of the runtime's may see it. */
internal class Killed : Error("killed")

/** What goes wrong at the n-th operation. */
internal enum class Fault { ONCE, KILL, HALF_WRITTEN, FULL }

/** The real file system without its syncs, in which something goes wrong at operation [at]. */
internal class FaultyFiles(private val fault: Fault?, private val at: Int, private val free: Long? = null) : FileSystem {
    var operations = 0
        private set
    var written = 0L
        private set

    override fun list(folder: File): List<String> = step { RealFiles.list(folder) }

    override fun size(file: File): Long = step { RealFiles.size(file) }

    override fun read(file: File): InputStream = step { RealFiles.read(file) }

    override fun random(file: File): FileSystem.Input = step { RealFiles.random(file) }

    override fun rename(from: File, to: File): Unit = step { RealFiles.rename(from, to) }

    override fun delete(file: File): Unit = step { RealFiles.delete(file) }

    override fun makeFolder(folder: File): Unit = step { RealFiles.makeFolder(folder) }

    override fun syncFolder(folder: File): Unit = step {}

    override fun freeBytes(folder: File): Long = step { free ?: RealFiles.freeBytes(folder) }

    override fun lock(file: File): Closeable? = step { RealFiles.lock(file) }

    override fun append(file: File): FileSystem.Output = step { Writing(RealFiles.append(file)) }

    private inner class Writing(private val out: FileSystem.Output) : FileSystem.Output {
        override fun write(block: ByteArray, size: Int) {
            if (fault == Fault.HALF_WRITTEN && operations + 1 == at) out.write(block, size / 2)
            step(writes = true) { out.write(block, size).also { written += size } }
        }

        override fun sync(): Unit = step {}

        // A file is closed when a process ends; this one only seems to.
        override fun close(): Unit = out.close()
    }

    private fun <T> step(writes: Boolean = false, work: () -> T): T {
        operations++
        when (fault) {
            Fault.ONCE -> if (operations == at) throw IOException("broken")
            Fault.KILL, Fault.HALF_WRITTEN -> if (operations >= at) throw Killed()
            Fault.FULL -> if (writes && operations >= at) throw IOException("write failed: ENOSPC (No space left on device)")
            null -> Unit
        }
        return work()
    }
}

/** A bundle's folder as assets are, to be copied; one file may be given wrong. */
internal class Assets(private val place: File, private val wrong: Pair<String, (ByteArray) -> ByteArray>? = null) : BundleSource {
    override fun open(name: String): InputStream =
        if (name == wrong?.first) wrong.second(File(place, name).readBytes()).inputStream() else File(place, name).inputStream()
}

private val DAMAGES: Map<String, (ByteArray) -> ByteArray> = mapOf(
    "flipped" to { bytes -> bytes.also { it[it.size / 2] = (it[it.size / 2] + 1).toByte() } },
    "cut" to { bytes -> bytes.copyOf(bytes.size - 1) },
    "longer" to { bytes -> bytes + 0 },
    "empty" to { _ -> ByteArray(0) },
)

/** One installation of `source` into `root`; `damage` is done to file `name` on the way, `free` are the bytes that seem free. */
internal fun install(task: JSONObject): Any {
    val root = File(task.getString("root"))
    val wrong = if (task.has("damage")) task.getString("name") to DAMAGES.getValue(task.getString("damage")) else null
    val files = if (task.optBoolean("real")) RealFiles else FaultyFiles(null, 0, if (task.has("free")) task.getLong("free") else null)
    val result = try {
        installed(BundleInstaller(Assets(File(task.getString("source")), wrong), root, files).install(task.optBoolean("check")))
    } catch (error: RagException) {
        described(error)
    }
    return result.put("written", (files as? FaultyFiles)?.written).put("left", JSONArray(copies(root)))
}

/** Opens `source` through its installation below `root`; returns how many passages a question of `requests` finds. */
internal fun reopened(task: JSONObject): Any {
    val opening = Opening(Given(task), options(task))
    return runBlocking { opening.open(listOf(Assets(File(task.getString("source"))))) }.use { rag ->
        JSONArray(task.getJSONArray("requests").objects().map { answer(rag, it).hits.size })
    }
}

private fun installed(installed: Installed): JSONObject =
    JSONObject().put("folder", installed.folder.path).put("copied", installed.copiedBytes).put("model_id", installed.manifest.modelId)

private fun copies(root: File): List<String> =
    homes(root).flatMap { it.list().orEmpty().toList() }.sorted()

/** The folders of bundles; locks lie beside them. */
internal fun homes(root: File): List<File> = root.listFiles().orEmpty().filter { it.isDirectory }

/** Updates `before` to `after`, once for every operation that can go wrong and every way in which it can. */
internal fun faults(task: JSONObject): Any {
    val before = File(task.getString("before"))
    val after = File(task.getString("after"))
    val root = File(task.getString("root"))
    val all = FaultyFiles(null, 0).also { update(root, before, after, it) }.operations
    val rows = Fault.entries.flatMap { fault -> (1..all).map { attempt(root, before, after, fault, it) } }
    return JSONObject().put("operations", all).put("rows", JSONArray(rows))
}

private fun update(root: File, before: File, after: File, files: FileSystem): Pair<Installed, Installed> {
    root.deleteRecursively()
    val first = BundleInstaller(Assets(before), root, FaultyFiles(null, 0)).install()
    return first to BundleInstaller(Assets(after), root, files).install()
}

private fun attempt(root: File, before: File, after: File, fault: Fault, at: Int): JSONObject {
    val row = JSONObject().put("fault", fault.name).put("at", at)
    val outcome = try {
        update(root, before, after, FaultyFiles(fault, at)).second.folder.name
    } catch (error: RagException) {
        described(error)
    } catch (error: Killed) {
        "killed"
    }
    val home = homes(root).single()
    val versions = home.list().orEmpty().toList()
    // What bears a version's name must be whole, always.
    val named = versions.filter { "." !in it.takeLast(SUFFIX) }
    row.put("outcome", outcome).put("versions", JSONArray(named)).put("whole", named.all { isWhole(File(home, it)) })
    val half = versions.filter { it.endsWith(".part") }.flatMap { File(home, it).listFiles().orEmpty().toList() }
    row.put("kept", half.filter { it.name != "manifest.json" }.sumOf { it.length() })
    val again = BundleInstaller(Assets(after), root, FaultyFiles(null, 0)).install()
    return row.put("copied", again.copiedBytes).put("left", JSONArray(home.list().orEmpty().sorted())).put("end", isWhole(again.folder))
}

/** The longest of the endings that are no version's. */
private const val SUFFIX = 5

private fun isWhole(folder: File): Boolean =
    try {
        bundle(folder)
        true
    } catch (_: RagException) {
        false
    }
