package dev.pocketrag.runtime

import java.io.File
import java.io.IOException
import java.io.InputStream

/** Where a bundle comes from: the app's assets, an asset pack's folder, a test. */
public interface BundleSource {
    /** Opens one file of the bundle; throws [IOException] where there is none. */
    @Throws(IOException::class)
    public fun open(name: String): InputStream
}

/** What an installation did; [copiedBytes] is 0 where the bundle was there already. */
public data class Installed(public val folder: File, public val manifest: Manifest, public val copiedBytes: Long)

/**
 * Copies a bundle to private storage, once: LiteRT and SQLite need files.
 *
 * A version lies in a folder of its own, `root/NAME/MODEL-ID-DIGEST`, with the digest of its manifest. It is copied beside
 * (`….part`), every file checked by SHA-256 on the way and synced, then renamed: the folder is whole or not there. After a kill
 * the next call keeps what was copied, down to the byte. Older versions go when the new one is whole, so for a moment both need
 * room. One process at a time; within it, calls wait for each other.
 *
 * @param root a folder of the app's own, such as `File(context.noBackupFilesDir, "pocketrag")`; what lies in it is the installer's.
 */
public class BundleInstaller(
    private val source: BundleSource,
    private val root: File,
    private val files: FileSystem = RealFiles,
) {
    /**
     * Returns the installed bundle, and copies it before where it is missing.
     *
     * @param check compare the SHA-256 of what is installed too, and copy it anew where it differs; for after a [CorruptFileException].
     * @throws WrongContractException the bundle keeps another contract.
     * @throws BadManifestException the source holds no bundle.
     * @throws DiskFullException there is no room.
     * @throws CorruptFileException the source's file is not the one that was built.
     * @throws InstallException reading or writing failed.
     */
    public fun install(check: Boolean = false): Installed = synchronized(LOCK) {
        val manifest = manifest()
        val target = target(manifest)
        attempt(manifest.parsed, target) {
            val copied = if (isWhole(target, manifest.parsed, check)) 0 else copy(manifest, target)
            files.list(home(target)).forEach { tryRemove(it, target) }
            Installed(target, manifest.parsed, copied)
        }
    }

    private class Source(val bytes: ByteArray, val parsed: Manifest)

    private fun home(target: File): File = checkNotNull(target.parentFile)

    private fun part(target: File): File = File(target.path + PART)

    private fun manifest(): Source {
        val bytes = try {
            source.open(MANIFEST).use { it.readBytes() }
        } catch (error: IOException) {
            throw BadManifestException("is not in the app's assets (${error.message})", error)
        }
        return Source(bytes, Manifest.parse(bytes.toString(Charsets.UTF_8)))
    }

    /** A place that differs where anything in the bundle differs: the manifest holds the digests of all files. */
    private fun target(manifest: Source): File =
        File(File(root, word(manifest.parsed.name)), word(manifest.parsed.modelId) + "-" + Sha256.of(manifest.bytes).take(DIGITS))

    private fun word(text: String): String = text.take(LONGEST_WORD).replace(UNFIT, "_").trimStart('.')

    /** The rename tells that all was there and checked; sizes tell whether somebody took something away since. */
    private fun isWhole(target: File, manifest: Manifest, check: Boolean): Boolean =
        files.size(File(target, MANIFEST)) >= 0 &&
            manifest.files.all { (name, wanted) ->
                val file = File(target, name)
                files.size(file) == wanted.bytes && (!check || files.read(file).use { Sha256.of(it) } == wanted.sha256)
            }

    private fun copy(manifest: Source, target: File): Long {
        val part = part(target)
        // Halves of other versions go before there is asked for room.
        files.list(home(target)).filter { it.endsWith(PART) || it.endsWith(GONE) }.forEach { tryRemove(it, kept = part) }
        files.makeFolder(part)
        removeUnlisted(part, manifest.parsed)
        var copied = 0L
        needRoom(manifest.parsed, part)
        for ((name, wanted) in manifest.parsed.files) copied += copyFile(name, wanted, File(part, name))
        replace(File(part, MANIFEST), manifest.bytes)
        files.syncFolder(part)
        remove(target)
        files.rename(part, target)
        files.syncFolder(home(target))
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
    private fun copyFile(name: String, wanted: BundleFile, to: File): Long {
        val kept = files.size(to)
        if (kept in 1..wanted.bytes) appendRest(name, kept, to, wanted)?.let { return it }
        deleteIfThere(to)
        appendRest(name, 0, to, wanted)?.let { return it }
        deleteIfThere(to)
        throw CorruptFileException(name)
    }

    /** Returns how many bytes were copied behind the first [start], null where the whole is not what it must be. */
    private fun appendRest(name: String, start: Long, to: File, wanted: BundleFile): Long? {
        val digest = Sha256.digest()
        if (start > 0) files.read(to).use { stream -> Sha256.read(stream) { block, n -> digest.update(block, 0, n) } }
        var size = start
        files.append(to).use { out ->
            val rest = if (start < wanted.bytes) opened(name, start) else null
            rest?.use { stream ->
                Sha256.read(stream) { block, n ->
                    digest.update(block, 0, n)
                    size += n
                    if (size <= wanted.bytes) out.write(block, n)
                }
            }
            // Also what an earlier, killed call had copied.
            out.sync()
        }
        return if (size == wanted.bytes && Sha256.hex(digest) == wanted.sha256) size - start else null
    }

    /** Opens a file of the source behind its first [start] bytes, null where it has no more. */
    private fun opened(name: String, start: Long): InputStream? {
        val stream = source.open(name)
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
            if (!isFull(error)) throw InstallException(error.message ?: error.toString(), error)
            giveRoomBack(target)
            throw DiskFullException(manifest.files.values.sumOf { it.bytes }, freeBytes(home(target)), error)
        }

    /** Android says "write failed: ENOSPC (No space left on device)", the JVM the words alone. */
    private fun isFull(error: IOException): Boolean =
        generateSequence<Throwable>(error) { it.cause }.any { FULL.containsMatchIn(it.message.orEmpty()) }

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
        private val LOCK = Any()
        private val FULL = Regex("ENOSPC|No space left")
        private const val PART = ".part"
        private const val GONE = ".gone"

        /** Digits of the manifest's SHA-256 in a folder's name. */
        private const val DIGITS = 16

        /** A name may have 255 bytes. */
        private const val LONGEST_WORD = 200
        private val UNFIT = Regex("[^A-Za-z0-9._-]")

        /** Room beside the files themselves: the manifest, the folders, and what SQLite and others write meanwhile. */
        private const val SPARE = 4L shl 20
    }
}
