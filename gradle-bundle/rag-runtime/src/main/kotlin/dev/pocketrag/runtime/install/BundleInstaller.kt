package dev.pocketrag.runtime.install

import dev.pocketrag.runtime.BundleSource
import dev.pocketrag.runtime.CorruptFileException
import dev.pocketrag.runtime.DiskFullException
import dev.pocketrag.runtime.InstallException
import dev.pocketrag.runtime.InstallState
import dev.pocketrag.runtime.Manifest
import dev.pocketrag.runtime.MissingBundleException
import dev.pocketrag.runtime.update.UPDATES
import java.io.File
import java.io.FileNotFoundException
import java.io.IOException
import java.io.InputStream

/** What the name of a version's folder ends with while it is copied, and while it is removed. */
internal const val PART: String = ".part"
internal const val GONE: String = ".gone"

/** What an installation did; [copiedBytes] is 0 where the bundle was there already. */
internal class Installed(val folder: File, val manifest: Manifest, val copiedBytes: Long)

/**
 * Copies a bundle to private storage, once: LiteRT and SQLite need files.
 *
 * A version lies in a folder of its own, `root/NAME/MODEL-ID-DIGEST`, with the digest of its manifest. It is copied beside
 * (`….part`), every file checked by SHA-256 on the way and synced, then renamed: the folder is whole or not there. After a kill
 * the next call keeps what was copied, down to the byte. Older versions go when the new one is whole, so for a moment both need
 * room. A file that the source lacks is copied from an installed version whose manifest has it: a model-only update brings no
 * passages. Calls wait for each other, those of other processes too.
 *
 * @param root a folder of the app's own; what lies in it is the installer's.
 * @param check is called before each block; what it throws ends the call, as a kill does.
 * @param report is told what is copied.
 */
internal class BundleInstaller(
    private val source: BundleSource,
    private val root: File,
    private val files: FileSystem = RealFiles,
    private val check: () -> Unit = {},
    private val report: (InstallState) -> Unit = {},
) {
    /**
     * Returns the installed bundle, and copies it before where it is missing.
     *
     * @param compare read what is installed too, and copy it anew where its SHA-256 differs; for after a [CorruptFileException].
     * @throws MissingBundleException the source has no manifest, or lacks a file, and no version is installed.
     * @throws MismatchException the source lacks a file that no installed version has.
     * @throws WrongContractException the bundle keeps another contract.
     * @throws BadManifestException the source holds no bundle.
     * @throws DiskFullException there is no room.
     * @throws CorruptFileException the source's file is not the one that was built.
     * @throws InstallException reading or writing failed.
     */
    fun install(compare: Boolean = false): Installed {
        val manifest = manifest()
        val target = target(manifest)
        return attempt(manifest.parsed, target) {
            exclusively(files, lockOf(home(target)), check) {
                val copied = if (isWhole(target, manifest.parsed, compare)) 0 else copy(manifest, target)
                files.list(home(target)).forEach { tryRemove(it, target) }
                Installed(target, manifest.parsed, copied)
            }
        }
    }

    /** Removes all copies of a bundle that needs none any more, unless copies are in use; that it can't is no failure. */
    fun removeCopies(manifest: Manifest) {
        val home = home(manifest)
        try {
            if (files.size(home) < 0) return
            exclusively(files, lockOf(home), check) {
                if (isUsed(root)) return@exclusively
                files.list(home).forEach { remove(File(home, it)) }
                files.delete(home)
            }
        } catch (_: IOException) {
            return
        }
    }

    /** What was taken from an installed version, by name. */
    private val taken = HashMap<String, File>()

    private class Source(val bytes: ByteArray, val parsed: Manifest)

    /** That a file is not there no second try mends; another failure one may. */
    private fun noFile(name: String, error: IOException, earlier: Earlier? = null): Exception =
        if (error is FileNotFoundException) earlier?.lacking(name, source, error) ?: MissingBundleException("$source/$name", error)
        else InstallException("$source/$name: ${said(error)}", error)

    /** With what kind it is: NIO's messages are often a path alone. */
    private fun said(error: IOException): String = "${error.message} (${error.javaClass.simpleName})"

    private fun home(manifest: Manifest): File = File(root, fileName(manifest.name))

    private fun home(target: File): File = checkNotNull(target.parentFile)

    private fun part(target: File): File = File(target.path + PART)

    private fun lockOf(home: File): File = File(root, ".${home.name}.lock")

    private fun manifest(): Source {
        val bytes = try {
            source.open(MANIFEST).use { it.readBytes() }
        } catch (error: IOException) {
            throw noFile(MANIFEST, error)
        }
        return Source(bytes, ManifestReader.parse(bytes))
    }

    /** A place that differs where anything in the bundle differs: the manifest holds the digests of all files. */
    private fun target(manifest: Source): File =
        File(home(manifest.parsed), fileName(manifest.parsed.modelId) + "-" + manifest.parsed.sha256.take(DIGITS))

    /** The rename tells that all was there and checked; sizes tell whether somebody took something away since. */
    private fun isWhole(target: File, manifest: Manifest, compare: Boolean): Boolean =
        files.size(File(target, MANIFEST)) >= 0 &&
            manifest.files.all { (name, wanted) ->
                val file = File(target, name)
                files.size(file) == wanted.bytes && (!compare || files.read(file).use { Sha256.of(it, check) } == wanted.sha256)
            }

    private fun copy(manifest: Source, target: File): Long {
        val part = part(target)
        // Halves of other versions go before there is asked for room.
        files.list(home(target)).filter { it.endsWith(PART) || it.endsWith(GONE) }.forEach { tryRemove(it, kept = part) }
        files.makeFolder(part)
        removeUnlisted(part, manifest.parsed)
        needRoom(manifest.parsed, part)
        val copied = copyFiles(manifest.parsed, part)
        replace(File(part, MANIFEST), manifest.bytes)
        files.syncFolder(part)
        remove(target)
        files.rename(part, target)
        files.syncFolder(home(target))
        return copied
    }

    private fun copyFiles(manifest: Manifest, part: File): Long {
        val total = manifest.files.values.sumOf { it.bytes }
        var copied = 0L
        var before = 0L
        for ((name, wanted) in manifest.files) {
            val start = before
            copied += copyFile(name, wanted, File(part, name)) { report(InstallState.Copying(start + it, total)) }
            before += wanted.bytes
        }
        return copied
    }

    private fun needRoom(manifest: Manifest, part: File) {
        val missing = missing(manifest, part)
        val free = files.freeBytes(part)
        if (missing + SPARE > free) throw NoRoom(missing + SPARE, free)
    }

    private fun missing(manifest: Manifest, part: File): Long =
        manifest.files.entries.sumOf { (name, wanted) -> maxOf(0, wanted.bytes - maxOf(0, files.size(File(part, name)))) }

    /** Copies what is missing of a file, and checks the whole; what was there and is not its beginning is copied anew. */
    private fun copyFile(name: String, wanted: BundleFile, to: File, onSize: (Long) -> Unit): Long {
        val kept = files.size(to)
        if (kept in 1..wanted.bytes) appendRest(name, kept, to, wanted, onSize)?.let { return it }
        deleteIfThere(to)
        appendRest(name, 0, to, wanted, onSize)?.let { return it }
        deleteIfThere(to)
        throw CorruptFileException(taken[name]?.path ?: name)
    }

    /** Returns how many bytes were copied behind the first [start], null where the whole is not what it must be. */
    private fun appendRest(name: String, start: Long, to: File, wanted: BundleFile, onSize: (Long) -> Unit): Long? {
        val digest = Sha256.digest()
        if (start > 0) files.read(to).use { Sha256.read(it, check) { block, n -> digest.update(block, 0, n) } }
        var size = start
        files.append(to).use { out ->
            val rest = if (start < wanted.bytes) behind(start, opened(name, wanted, home(home(to)))) else null
            rest?.use { stream ->
                Sha256.read(stream, check) { block, n ->
                    digest.update(block, 0, n)
                    size += n
                    if (size <= wanted.bytes) out.write(block, n).also { onSize(size) }
                }
            }
            // Also what an earlier, killed call had copied.
            out.sync()
        }
        return if (size == wanted.bytes && Sha256.hex(digest) == wanted.sha256) size - start else null
    }

    /** Opens a file of the source; what a model-only update does not bring is taken from an installed version. */
    private fun opened(name: String, wanted: BundleFile, home: File): InputStream =
        try {
            source.open(name)
        } catch (error: IOException) {
            val earlier = Earlier(home, files, updates = File(File(root, UPDATES), home.name))
            val installed = earlier.find(wanted) ?: throw noFile(name, error, earlier)
            files.read(installed.also { taken[name] = it })
        }

    /** Leaves out the first [start] bytes; null where there are no more. */
    private fun behind(start: Long, stream: InputStream): InputStream? {
        var left = start
        while (left > 0) {
            val skipped = stream.skip(left)
            // skip() may do nothing without being at the end; read() can't.
            if (skipped <= 0 && stream.read() < 0) return stream.close().let { null }
            left -= if (skipped > 0) skipped else 1
        }
        return stream
    }

    private fun replace(file: File, bytes: ByteArray) {
        deleteIfThere(file)
        files.append(file).use {
            it.write(bytes, bytes.size)
            it.sync()
        }
    }

    private fun removeUnlisted(part: File, manifest: Manifest) {
        for (name in files.list(part)) if (name !in manifest.files) files.delete(File(part, name))
    }

    /** Removes a version beside [kept]; that it can't be is no failure: the next call tries again. */
    private fun tryRemove(name: String, kept: File) {
        try {
            if (name != kept.name) remove(File(home(kept), name))
        } catch (_: IOException) {
            return
        }
    }

    /** A folder that is being removed first loses its name: half of it must never look like a version. */
    private fun remove(folder: File) {
        if (files.size(folder) < 0) return
        val gone = if (folder.name.endsWith(GONE)) folder else File(folder.path + GONE)
        if (gone != folder) {
            empty(gone)
            files.rename(folder, gone)
        }
        empty(gone)
    }

    private fun empty(folder: File) {
        if (files.size(folder) < 0) return
        for (name in files.list(folder)) files.delete(File(folder, name))
        files.delete(folder)
    }

    private fun deleteIfThere(file: File) {
        if (files.size(file) >= 0) files.delete(file)
    }

    /** Not an [IOException]'s fault: known before anything was written. */
    private class NoRoom(val needed: Long, val free: Long) : IOException()

    private fun <T> attempt(manifest: Manifest, target: File, work: () -> T): T =
        try {
            files.makeFolder(home(target))
            work()
        } catch (error: NoRoom) {
            giveRoomBack(target)
            throw DiskFullException(error.needed, error.free)
        } catch (error: IOException) {
            if (!isFull(error)) throw InstallException(said(error), error)
            giveRoomBack(target)
            throw DiskFullException(manifest.files.values.sumOf { it.bytes } + SPARE, freeBytes(home(target)), error)
        }

    private fun freeBytes(folder: File): Long =
        try {
            files.freeBytes(folder)
        } catch (_: IOException) {
            0
        }

    /** A full disk is everybody's trouble: half of a bundle must not be a part of it. */
    private fun giveRoomBack(target: File) {
        try {
            remove(part(target))
        } catch (_: IOException) {
            return
        }
    }

    private companion object {
        /** Digits of the manifest's SHA-256 in a folder's name. */
        private const val DIGITS = 16
    }
}
