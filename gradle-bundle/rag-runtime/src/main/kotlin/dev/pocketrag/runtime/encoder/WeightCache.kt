package dev.pocketrag.runtime.encoder

import dev.pocketrag.runtime.install.tryExclusively
import java.io.Closeable
import java.io.File
import java.io.IOException

/**
 * The file in which XNNPACK keeps the weights as it has packed them, so that all lengths share one copy and opening is quick.
 *
 * XNNPACK checks such a file's header, not whose weights it holds: a foreign or half-written one would give wrong vectors. So the
 * file is named after the model's digest, and believed only if a note beside it says that it is as it was after a vector came out.
 * One opening writes it, and holds its lock meanwhile; others, of this process or another, go without.
 *
 * @param folder of the app's cache; the system may empty it at any time.
 * @param sha256 of the model.
 * @param beside the SHA-256 of the bundle's other models, whose files stay.
 */
internal class WeightCache(private val folder: File, sha256: String, beside: List<String> = emptyList()) : Closeable {
    val file: File = File(folder, name(sha256))
    private val note = File(folder, noteOf(file.name))
    private val kept = (beside + sha256).map(::name).flatMap { listOf(it, noteOf(it), lockOf(it)) }

    /** Held while the file is written. */
    private var lock: Closeable? = null
    private var used = false

    /**
     * Returns the file to give to LiteRT, null where another opening is writing it. What nobody vouches for is removed before, and so are
     * the files of other models.
     */
    fun prepare(): File? {
        folder.mkdirs()
        folder.listFiles().orEmpty().filter { it.name !in kept }.forEach { it.delete() }
        used = file.exists() && state() == said()
        if (used) return file
        lock = lock ?: locked() ?: return null
        used = true
        file.delete()
        return file
    }

    /** Says that a vector came out, so that the file is whole. Call it after the first run. */
    fun vouch() {
        try {
            if (used && file.exists() && state() != said()) note.writeText(state())
        } catch (_: IOException) {
            // A full disk: half a note vouches for nothing, and the vector is there.
        } finally {
            close()
        }
    }

    override fun close() {
        lock?.close()
        lock = null
    }

    /** A cache is not worth a failure: where it can't be locked, it is not used. */
    private fun locked(): Closeable? =
        try {
            tryExclusively(File(folder, lockOf(file.name)))
        } catch (_: IOException) {
            null
        }

    private fun lockOf(name: String): String = "$name.lock"

    private fun name(sha256: String): String = "${sha256.take(16)}.xnnpack"

    private fun noteOf(name: String): String = "$name.whole"

    private fun state(): String = "${file.length()} ${file.lastModified()}"

    private fun said(): String? =
        try {
            if (note.exists()) note.readText() else null
        } catch (_: IOException) {
            null
        }
}
