package dev.pocketrag.runtime.update

import dev.pocketrag.runtime.Manifest
import dev.pocketrag.runtime.UpdateException
import dev.pocketrag.runtime.UpdateFailure
import dev.pocketrag.runtime.install.FileSystem
import dev.pocketrag.runtime.install.PART
import dev.pocketrag.runtime.install.RealFiles
import dev.pocketrag.runtime.install.fileName
import dev.pocketrag.runtime.install.isUsed
import dev.pocketrag.runtime.install.tryExclusively
import java.io.Closeable
import java.io.File
import java.io.IOException

/** Below private storage; no bundle's name begins with a dot. */
internal const val UPDATES: String = ".updates"
private const val RECORD = "record.json"

/**
 * The versions of one bundle that updates brought: `storage/.updates/NAME`, a numbered folder each, and the record that says which is
 * opened. A folder that the record does not name is half of an update, or one that is over; replacing the record is what switches.
 *
 * What the app brings itself lies elsewhere, and is none of these.
 */
internal class Updates(storage: File, bundle: String, private val files: FileSystem = RealFiles) {
    private val all = File(storage, UPDATES)
    private val home = File(all, fileName(bundle))
    private val file = File(home, RECORD)

    /** Whether any update ever came. */
    val any: Boolean
        get() = files.size(home) >= 0

    fun folder(version: Updated): File = File(home, version.folder)

    /** Whether a folder is one of these. */
    fun holds(folder: File): Boolean = folder.parentFile == home

    /** Where an update that comes as a stream is laid meanwhile. */
    val incoming = File(all, "incoming$PART")

    /** Returns what keeps other updates out, of all bundles, until it is closed; null while another one does. */
    fun lock(): Closeable? {
        files.makeFolder(home)
        return tryExclusively(File(all, ".lock"), files)
    }

    /** @throws IOException it can't be read; another time it may. */
    fun record(): Record = if (files.size(file) < 0) Record.NONE else Record.read(files.read(file).use { it.readBytes() })

    fun recordOrNull(): Record? =
        try {
            record()
        } catch (_: IOException) {
            null
        }

    /** Whole or not at all. */
    fun write(record: Record) {
        val beside = File(file.path + PART)
        files.delete(beside)
        files.append(beside).use { out ->
            val bytes = record.bytes()
            out.write(bytes, bytes.size)
            out.sync()
        }
        files.rename(beside, file)
        files.syncFolder(home)
    }

    /** Returns a folder's name that no version has or had lately. */
    fun next(): String = ((files.list(home).mapNotNull { it.removeSuffix(PART).toIntOrNull() }.maxOrNull() ?: 0) + 1).toString()

    /** Makes the folder that an update is made in, before it bears its version's [name]. */
    fun part(name: String): File = File(home, name + PART).also(files::makeFolder)

    /** Gives what was made its version's name; it is none yet that the record knows. */
    fun finish(part: File): File {
        val folder = File(part.path.removeSuffix(PART))
        files.rename(part, folder)
        files.syncFolder(home)
        return folder
    }

    fun freeBytes(): Long = files.freeBytes(home.also(files::makeFolder))

    /** Removes what the record does not name, unless it is open; what can't be removed is tried again by the next call. */
    fun tidy() {
        val named = record().run { listOfNotNull(current, former).map { it.folder } } + RECORD
        for (name in files.list(home)) if (name !in named && !isUsed(File(home, name))) remove(File(home, name))
        if (files.size(incoming) >= 0) remove(incoming)
    }

    /**
     * Says which version was opened, so that what is neither that one nor the one before it goes; not while an update is under way.
     *
     * @param opened null for the app's own: it was newer, or the others were damaged.
     */
    fun settle(opened: Updated?) {
        try {
            lock()?.use {
                val record = record()
                if (record.current?.folder != opened?.folder) write(Record(opened, null, record.refused))
                tidy()
            }
        } catch (_: IOException) {
            return
        }
    }

    fun remove(place: File) {
        try {
            files.list(place).forEach { files.delete(File(place, it)) }
            files.delete(place)
        } catch (_: IOException) {
            return
        }
    }
}

/**
 * Which version is opened.
 *
 * @param current the one that an update brought; null where the app's own is opened.
 * @param former the one before; its folder's name is empty where that is the app's own. Null where there is nothing to go back to.
 * @param refused the SHA-256 of manifests that a rollback left: they are opened by no newest-wins, and taken by no update.
 */
internal class Record(val current: Updated?, val former: Updated?, val refused: Set<String>) {
    /**
     * Returns the version to open in place of the app's own: the newest one, unless that was left by a rollback.
     *
     * @param own what the app brings itself.
     */
    fun instead(own: Manifest): Updated? = current?.takeIf { isNewer(it.version, own.version) || own.sha256 in refused }

    companion object {
        val NONE = Record(null, null, emptySet())
    }
}

/** A version that an update brought: the name of its folder, the version and the SHA-256 of its manifest. */
internal class Updated(val folder: String, val version: String, val sha256: String) {
    val isOwn: Boolean
        get() = folder.isEmpty()
}

/** @throws UpdateException another update holds it. */
internal fun Updates.lockOrThrow(): Closeable =
    lock() ?: throw UpdateException(UpdateFailure.BUSY, "another update of this bundle is under way: wait for its end")
