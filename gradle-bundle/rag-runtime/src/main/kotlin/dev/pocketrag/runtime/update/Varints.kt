package dev.pocketrag.runtime.update

import java.io.InputStream

private const val BITS = 7
private const val MORE = 0x80
private const val LAST_SHIFT = 56

/** Reads a LEB128 number of at most 63 bits; null at the stream's end. */
internal fun InputStream.varintOrNull(): Long? {
    var byte = read()
    if (byte < 0) return null
    var value = 0L
    var shift = 0
    while (true) {
        value = value or ((byte and (MORE - 1)).toLong() shl shift)
        if (byte and MORE == 0) return value
        shift += BITS
        if (shift > LAST_SHIFT) throw damaged("a number has too many bytes")
        byte = read()
        if (byte < 0) throw damaged("a number ends early")
    }
}

internal fun InputStream.varint(): Long = varintOrNull() ?: throw damaged("a number is missing")

/** 0, 1, 2, 3, … -> 0, -1, 1, -2, …. */
internal fun zigzag(value: Long): Long = (value ushr 1) xor -(value and 1)

/** Reads [size] bytes to [block], from [start] on. */
internal fun InputStream.readWhole(block: ByteArray, start: Int, size: Int) {
    var at = start
    while (at < start + size) {
        val n = read(block, at, start + size - at)
        if (n < 0) throw damaged("a part ends early")
        at += n
    }
}
