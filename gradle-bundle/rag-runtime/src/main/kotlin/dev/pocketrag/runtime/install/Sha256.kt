package dev.pocketrag.runtime.install

import java.io.InputStream
import java.security.MessageDigest

/** SHA-256 as the manifest writes it: 64 lower-case hex digits. */
internal object Sha256 {
    private const val BUFFER = 1 shl 16

    fun digest(): MessageDigest = MessageDigest.getInstance("SHA-256")

    fun hex(digest: MessageDigest): String = digest.digest().joinToString("") { "%02x".format(it) }

    fun of(bytes: ByteArray): String = hex(digest().apply { update(bytes) })

    /** [check] is called before each block. */
    fun of(stream: InputStream, check: () -> Unit): String =
        hex(digest().apply { read(stream, check) { block, size -> update(block, 0, size) } })

    /** Reads a stream to its end, block by block of 64 kB; [check] is called before each. */
    fun read(stream: InputStream, check: () -> Unit, onBlock: (ByteArray, Int) -> Unit) {
        val block = ByteArray(BUFFER)
        while (true) {
            check()
            val size = stream.read(block)
            if (size < 0) return
            onBlock(block, size)
        }
    }
}
