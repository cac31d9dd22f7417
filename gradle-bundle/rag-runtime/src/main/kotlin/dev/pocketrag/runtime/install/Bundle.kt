package dev.pocketrag.runtime.install

import dev.pocketrag.runtime.BundleSource
import dev.pocketrag.runtime.CorruptFileException
import dev.pocketrag.runtime.Digests
import dev.pocketrag.runtime.Encoder
import dev.pocketrag.runtime.HalfCopiedException
import dev.pocketrag.runtime.Manifest
import dev.pocketrag.runtime.MissingBundleException
import dev.pocketrag.runtime.UnreadableBundleException
import java.io.File
import java.io.IOException

/**
 * A bundle that lies in a folder, checked.
 *
 * @param npu where the files for NPUs may lie.
 */
internal class Bundle private constructor(val folder: File, val manifest: Manifest, val npu: BundleSource?) {
    val database: File
        get() = File(folder, DATABASE)

    /** Returns an encoder's `.tflite`. */
    fun model(encoder: Encoder): File = File(folder, encoder.file)

    /** Returns the SHA-256 of an encoder's `.tflite`, 64 hex digits. */
    fun digest(encoder: Encoder): String = manifest.files.getValue(encoder.file).sha256

    /** @throws UnreadableBundleException the file can't be read, which it could when the bundle was opened. */
    fun text(name: String): String = reading(folder) { File(folder, name).readText() }

    /**
     * All that decides a text's vector: bundles of which it is equal can be searched together. The main encoder's alone: a fallback
     * imitates the model behind it, so the first bundle's finds the passages of all.
     */
    fun embedsWith(): List<Any?> = manifest.embedder.run {
        val digests = listOf(manifest.main.file, tokenizer.file).map { manifest.files.getValue(it).sha256 }
        listOf(dims, lengths, quantization, prompts, tokenizer.kind, tokenizer.bos, tokenizer.eos, digests)
    }

    companion object {
        /**
         * Reads a bundle's manifest and checks its files.
         *
         * @param stamps what was found in order before.
         * @param npu where the files for NPUs may lie; nothing is read there yet.
         * @param check is called before each block that is read.
         * @throws MissingBundleException there is no bundle.
         * @throws WrongContractException it keeps another contract.
         * @throws BadManifestException it is no bundle.
         * @throws HalfCopiedException a file is missing or has another size.
         * @throws CorruptFileException a file is another one than was built.
         * @throws UnreadableBundleException reading failed.
         */
        fun open(folder: File, digests: Digests, stamps: Stamps, npu: BundleSource? = null, check: () -> Unit): Bundle {
            val bytes = read(File(folder, MANIFEST))
            val bundle = Bundle(folder, ManifestReader.parse(bytes), npu)
            val files = bundle.manifest.files.mapKeys { File(folder, it.key) }
            for ((file, wanted) in files) if (file.length() != wanted.bytes) throw HalfCopiedException(file, file.length(), wanted.bytes)
            // Before the files are read: what is changed meanwhile is seen by the next opening.
            val stamp = stamps.of(folder, bundle.manifest)
            val known = digests == Digests.NEVER || digests == Digests.ONCE && stamps.holds(stamp)
            if (!known) {
                for ((file, wanted) in files) compare(file, wanted, check)
                stamps.remember(stamp)
            }
            return bundle
        }

        private fun read(manifest: File): ByteArray =
            try {
                manifest.readBytes()
            } catch (error: IOException) {
                throw MissingBundleException(manifest.path, error)
            }

        private fun compare(file: File, wanted: BundleFile, check: () -> Unit) {
            val found = reading(file) { file.inputStream().use { Sha256.of(it, check) } }
            if (found != wanted.sha256) throw CorruptFileException(file.path)
        }

        private fun <T> reading(place: File, work: () -> T): T =
            try {
                work()
            } catch (error: IOException) {
                throw UnreadableBundleException(place.path, error)
            }
    }
}
