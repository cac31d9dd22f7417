package dev.pocketrag.answer.engine

import java.io.File
import java.security.MessageDigest

private const val BLOCK = 1 shl 20

/** The SHA-256 as 64 hex digits. */
internal fun sha256(bytes: ByteArray): String = MessageDigest.getInstance("SHA-256").digest(bytes).hex()

/** The same of a file of any size. */
internal fun sha256(file: File): String {
    val digest = MessageDigest.getInstance("SHA-256")
    val block = ByteArray(BLOCK)
    file.inputStream().use { stream ->
        generateSequence { stream.read(block).takeIf { it >= 0 } }.forEach { digest.update(block, 0, it) }
    }
    return digest.digest().hex()
}

private fun ByteArray.hex(): String = joinToString("") { "%02x".format(it) }
