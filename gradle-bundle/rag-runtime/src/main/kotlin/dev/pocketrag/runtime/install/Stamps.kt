package dev.pocketrag.runtime.install

import dev.pocketrag.runtime.Manifest
import java.io.File
import java.io.IOException
import java.util.Collections
import java.util.concurrent.ConcurrentHashMap

/** A bundle's files as they were when their digests were compared: of which name, and all that tells whether one was changed. */
internal class Stamp(val bundle: String, val state: String)

/**
 * Remembers of which bundles the digests were right, one a name. A stamp tells where the bundle lies, the digest of its manifest, and of
 * each file the size and the time of its last change: where one differs, the files are read again.
 *
 * @param folder private storage of the app's own. Where it can't be written, what was found holds for this process.
 */
internal class Stamps(private val folder: File) {
    /** Of the files as they are now. */
    fun of(place: File, manifest: Manifest): Stamp {
        val files = manifest.files.keys.map { File(place, it) }.map { "${it.name} ${it.length()} ${it.lastModified()}" }
        return Stamp(manifest.name, (listOf(place.absolutePath, manifest.sha256) + files).joinToString("\n"))
    }

    fun holds(stamp: Stamp): Boolean = stamp.state in SEEN || stamp.state == said(file(stamp))

    fun remember(stamp: Stamp) {
        SEEN += stamp.state
        val file = file(stamp)
        try {
            folder.mkdirs()
            // Beside, then renamed: half of a stamp is none.
            val beside = File.createTempFile("stamp", null, folder)
            beside.writeText(stamp.state)
            if (!beside.renameTo(file)) beside.delete()
        } catch (_: IOException) {
            return
        }
    }

    private fun said(file: File): String? =
        try {
            file.readText()
        } catch (_: IOException) {
            null
        }

    private fun file(stamp: Stamp): File = File(folder, fileName(stamp.bundle))

    private companion object {
        private val SEEN: MutableSet<String> = Collections.newSetFromMap(ConcurrentHashMap())
    }
}

/** Those of bundles below private storage, and of what is opened elsewhere. */
internal fun stampsOf(storage: File) = Stamps(File(storage.path + ".checked"))

/** A name may have 255 bytes. */
private const val LONGEST_NAME = 200
private val UNFIT = Regex("[^A-Za-z0-9._-]")

/** Makes any text the name of a file that is not hidden. */
internal fun fileName(text: String): String = text.take(LONGEST_NAME).replace(UNFIT, "_").trimStart('.').ifEmpty { "_" }
