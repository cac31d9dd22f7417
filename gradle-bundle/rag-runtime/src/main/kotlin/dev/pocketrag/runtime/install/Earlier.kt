package dev.pocketrag.runtime.install

import dev.pocketrag.runtime.BundleSource
import dev.pocketrag.runtime.MismatchException
import dev.pocketrag.runtime.MissingBundleException
import dev.pocketrag.runtime.RagException
import java.io.File

/** Whether a folder holds a model-only update: no passages, so it is not opened there but completed in private storage. */
internal fun isUpdate(folder: File): Boolean = File(folder, MANIFEST).isFile && !File(folder, DATABASE).exists()

/**
 * The installed versions of a bundle, from which a model-only update takes the files that it does not bring.
 *
 * @param home holds a folder for each of them.
 * @param updates the same of those that updates brought.
 */
internal class Earlier(private val home: File, private val files: FileSystem, private val updates: File) {
    /** Returns an installed file of this size and digest, as its version's manifest says; who copies it checks the digest. */
    fun find(wanted: BundleFile): File? = versions().firstNotNullOfOrNull { folder ->
        listed(folder)
            .filterValues { it.bytes == wanted.bytes && it.sha256 == wanted.sha256 }.keys
            .map { File(folder, it) }
            .firstOrNull { files.size(it) == wanted.bytes }
    }

    /** Returns why a file is neither in [source] nor found here. */
    fun lacking(name: String, source: BundleSource, cause: Exception): RagException {
        if (versions().isEmpty()) {
            return MissingBundleException("$source/$name", " (a model-only update needs an installed version, and there is none)", cause)
        }
        return MismatchException(
            "$name is not in $source, and the installed version of ${home.name} has another or a damaged one: this model-only update is " +
                "for another corpus or another version",
        )
    }

    private fun versions(): List<File> =
        listOf(home, updates).flatMap { place ->
            files.list(place).filter { !it.endsWith(PART) && !it.endsWith(GONE) }.map { File(place, it) }
        }

    private fun listed(version: File): Map<String, BundleFile> {
        val manifest = File(version, MANIFEST)
        if (files.size(manifest) < 0) return emptyMap()
        return try {
            ManifestReader.parse(files.read(manifest).use { it.readBytes() }).files
        } catch (_: RagException) {
            emptyMap()
        }
    }
}
