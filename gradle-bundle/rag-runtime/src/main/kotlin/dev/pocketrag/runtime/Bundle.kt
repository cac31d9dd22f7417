package dev.pocketrag.runtime

import java.io.File
import java.io.IOException
import java.io.InputStream
import java.security.MessageDigest

/** A bundle that lies in a folder of private storage, checked. */
public class Bundle private constructor(public val folder: File, public val manifest: Manifest) {
    public val database: File
        get() = File(folder, DATABASE)

    /** Returns an encoder's `.tflite`. */
    public fun model(encoder: Encoder): File = File(folder, encoder.file)

    /** Returns the SHA-256 of an encoder's `.tflite`, 64 hex digits. */
    public fun digest(encoder: Encoder): String = manifest.files.getValue(encoder.file).sha256

    internal fun text(name: String): String = File(folder, name).readText()

    /**
     * All that decides a text's vector: bundles of which it is equal can be searched together. The main encoder's alone: a fallback
     * imitates the model behind it, so the first bundle's finds the passages of all.
     */
    internal fun embedsWith(): List<Any?> = manifest.embedder.run {
        val digests = listOf(manifest.main.file, tokenizer.file).map { manifest.files.getValue(it).sha256 }
        listOf(dims, lengths, quantization, prompts, tokenizer.kind, tokenizer.bos, tokenizer.eos, digests)
    }

    public companion object {
        /**
         * Reads a bundle's manifest and checks its files.
         *
         * @param digests also compare every file's SHA-256, which the installer did once: a damaged model ends the process when
         *   LiteRT reads it. Without, only sizes are compared.
         * @throws WrongContractException it keeps another contract.
         * @throws BadManifestException it is no bundle.
         * @throws HalfCopiedException a file is missing or has another size.
         * @throws CorruptFileException a file is another one than was built.
         */
        public fun open(folder: File, digests: Boolean = true): Bundle {
            val bundle = Bundle(folder, Manifest.parse(read(File(folder, MANIFEST))))
            for ((name, wanted) in bundle.manifest.files) check(File(folder, name), wanted, digests)
            return bundle
        }

        private fun read(file: File): String =
            try {
                file.readText()
            } catch (error: IOException) {
                throw BadManifestException("can't be read from ${file.parent} (${error.message})", error)
            }

        private fun check(file: File, wanted: BundleFile, digests: Boolean) {
            if (!file.isFile || file.length() != wanted.bytes) throw HalfCopiedException(file, file.length(), wanted.bytes)
            if (digests && file.inputStream().use { Sha256.of(it) } != wanted.sha256) throw CorruptFileException(file.path)
        }
    }
}

/** SHA-256 as the manifest writes it: 64 lower-case hex digits. */
internal object Sha256 {
    private const val BUFFER = 1 shl 16

    fun digest(): MessageDigest = MessageDigest.getInstance("SHA-256")

    fun hex(digest: MessageDigest): String = digest.digest().joinToString("") { "%02x".format(it) }

    fun of(bytes: ByteArray): String = hex(digest().apply { update(bytes) })

    fun of(stream: InputStream): String = hex(digest().apply { read(stream) { block, size -> update(block, 0, size) } })

    /** Reads a stream to its end, block by block. */
    fun read(stream: InputStream, onBlock: (ByteArray, Int) -> Unit) {
        val block = ByteArray(BUFFER)
        while (true) {
            val size = stream.read(block)
            if (size < 0) return
            onBlock(block, size)
        }
    }
}
