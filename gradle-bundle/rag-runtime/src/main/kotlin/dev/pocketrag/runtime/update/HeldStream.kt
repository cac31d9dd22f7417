package dev.pocketrag.runtime.update

import dev.pocketrag.runtime.UpdateException
import dev.pocketrag.runtime.UpdateFailure
import dev.pocketrag.runtime.install.BundleFile
import dev.pocketrag.runtime.install.Sha256
import java.io.IOException
import java.io.InputStream

/** A delta that is none, was cut off, or was altered. */
internal fun damaged(what: String, cause: Throwable? = null): UpdateException =
    UpdateException(UpdateFailure.DAMAGED, "the update is damaged or cut off: $what. Fetch it again", cause)

/**
 * An entry of a delta, held to the size and the digest that were signed: what unpacks to more ends there, what differs at its end.
 *
 * All reads throw [UpdateException] where it is damaged.
 */
internal class HeldStream(private val name: String, private val stream: InputStream, private val wanted: BundleFile) : InputStream() {
    private val digest = Sha256.digest()
    private var left = wanted.bytes
    private var ended = false

    override fun read(): Int {
        val one = ByteArray(1)
        return if (read(one, 0, 1) < 0) -1 else one[0].toInt() and BYTE
    }

    override fun read(block: ByteArray, start: Int, size: Int): Int {
        if (ended) return -1
        val n = try {
            stream.read(block, start, size)
        } catch (error: IOException) {
            throw damaged("$name (${error.message})", error)
        }
        if (n < 0) return end()
        left -= n
        if (left < 0) throw damaged("$name is larger than it says")
        digest.update(block, start, n)
        return n
    }

    private fun end(): Int {
        ended = true
        if (left > 0 || Sha256.hex(digest) != wanted.sha256) throw damaged("$name is not what was signed")
        return -1
    }

    override fun close(): Unit = stream.close()
}

internal const val BYTE = 0xff
