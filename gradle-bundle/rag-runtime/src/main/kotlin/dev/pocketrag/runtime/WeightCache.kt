package dev.pocketrag.runtime

import java.io.File

/**
 * The file in which XNNPACK keeps the weights as it has packed them, so that all lengths share one copy and opening is quick.
 *
 * XNNPACK checks such a file's header, not whose weights it holds: a foreign or half-written one would give wrong vectors. So the
 * file is named after the model's digest, and believed only if a note beside it says that it is as it was after a vector came out.
 *
 * @param folder of the app's cache; the system may empty it at any time.
 * @param sha256 of the model.
 * @param beside the SHA-256 of the bundle's other models, whose files stay.
 */
public class WeightCache(private val folder: File, sha256: String, beside: List<String> = emptyList()) {
    public val file: File = File(folder, name(sha256))
    private val note = File(folder, noteOf(file.name))
    private val kept = (beside + sha256).map(::name).flatMap { listOf(it, noteOf(it)) }

    /** Returns the file to give to LiteRT; what nobody vouches for is removed before, and so are those of other models. */
    public fun prepare(): File {
        folder.mkdirs()
        folder.listFiles().orEmpty().filter { it.name !in kept }.forEach { it.delete() }
        if (file.exists() && state() != said()) file.delete()
        return file
    }

    /** Says that a vector came out, so that the file is whole. Call it after the first run. */
    public fun vouch() {
        if (file.exists() && state() != said()) note.writeText(state())
    }

    private fun name(sha256: String): String = "${sha256.take(16)}.xnnpack"

    private fun noteOf(name: String): String = "$name.whole"

    private fun state(): String = "${file.length()} ${file.lastModified()}"

    private fun said(): String? = if (note.exists()) note.readText() else null
}
