package dev.pocketrag.runtime.update

import dev.pocketrag.runtime.UpdateException
import dev.pocketrag.runtime.UpdateKey
import dev.pocketrag.runtime.install.BundleFile
import java.io.Closeable
import java.io.File
import java.io.IOException
import java.io.InputStream
import java.util.zip.ZipEntry
import java.util.zip.ZipFile

private const val SPEC = "delta.json"
private const val SIGNATURE = "delta.sig"
private const val LARGEST_SIGNATURE = 1 shl 10

/**
 * A `.ragdelta` that [UpdateKey] signed: a ZIP with what turns one version of a bundle into another. Nothing but its description and its
 * signature is read before these are in order.
 */
internal class Delta private constructor(private val zip: ZipFile, val spec: DeltaSpec) : Closeable {
    /** Opens a part, held to what was signed of it. */
    fun part(name: String): InputStream =
        HeldStream(name, stream(zip, zip.getEntry(name)), spec.entries.getValue(name)).buffered(BUFFER)

    override fun close(): Unit = zip.close()

    companion object {
        private const val BUFFER = 1 shl 16

        /** @throws UpdateException it is no delta, is damaged, or not signed by that key. */
        fun open(file: File, key: UpdateKey): Delta {
            val zip = try {
                ZipFile(file)
            } catch (error: IOException) {
                throw damaged("${file.name} is no whole ZIP file (${error.message})", error)
            }
            try {
                return Delta(zip, spec(zip, key))
            } catch (error: Throwable) {
                zip.close()
                throw error
            }
        }

        private fun spec(zip: ZipFile, key: UpdateKey): DeltaSpec {
            val json = small(zip, SPEC, LARGEST_JSON) ?: throw damaged("it holds no $SPEC")
            val keys = keys(json.toString(Charsets.UTF_8), SPEC)
            requireSigned(json, small(zip, SIGNATURE, LARGEST_SIGNATURE), keys.textOrNull("key"), key, SPEC)
            val spec = DeltaSpec.read(keys)
            val found = zip.entries().asSequence().map { it.name }.toList()
            val named = spec.entries.keys + SPEC + SIGNATURE
            if (found.sorted() != named.sorted()) throw damaged("its entries are not those that $SPEC names")
            return spec
        }

        private fun small(zip: ZipFile, name: String, largest: Int): ByteArray? {
            val entry = zip.getEntry(name) ?: return null
            val bytes = ByteArray(largest + 1)
            var size = 0
            try {
                stream(zip, entry).use { stream ->
                    while (size < bytes.size) size += stream.read(bytes, size, bytes.size - size).takeIf { it >= 0 } ?: break
                }
            } catch (error: IOException) {
                throw damaged("$name (${error.message})", error)
            }
            if (size > largest) throw damaged("$name is larger than $largest bytes")
            return bytes.copyOf(size)
        }

        private fun stream(zip: ZipFile, entry: ZipEntry): InputStream =
            try {
                zip.getInputStream(entry)
            } catch (error: IOException) {
                throw damaged("${entry.name} (${error.message})", error)
            }
    }
}
