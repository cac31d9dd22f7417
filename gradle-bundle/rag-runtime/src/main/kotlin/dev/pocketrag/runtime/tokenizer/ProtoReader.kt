package dev.pocketrag.runtime.tokenizer

import dev.pocketrag.runtime.CorruptTokenizerException
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.nio.charset.CharacterCodingException

/**
 * Reads the fields of one message of Protocol Buffers' wire format (protobuf.dev, "Encoding"), never past its end.
 *
 * @throws CorruptTokenizerException from every function, where the bytes are no such message
 */
internal class ProtoReader(private val file: String, private val bytes: ByteArray, private var at: Int, private val end: Int) {
    /** The field that [next] has come to. */
    var field: Int = 0
        private set

    /** The field's wire type: 0 is a varint, 1 has 64 bits, 2 its length in front, 5 has 32 bits. */
    private var wire = 0

    /** Goes to the next field; its value must be read, or left to [skip]. */
    fun next(): Boolean {
        if (at == end) return false
        val tag = varint()
        field = (tag ushr 3).toInt()
        wire = (tag and 7).toInt()
        if (tag ushr 3 !in 1..536_870_911) throw corrupt("a field has no number")
        return true
    }

    fun number(): Long {
        expect(0)
        return varint()
    }

    fun flag(): Boolean = number() != 0L

    fun float(): Float {
        expect(5)
        return Float.fromBits(ByteBuffer.wrap(bytes, take(4), 4).order(ByteOrder.LITTLE_ENDIAN).int)
    }

    /** A message inside this one, or bytes that are only counted. */
    fun message(): ProtoReader {
        expect(2)
        val length = varint()
        if (length < 0 || length > end - at) throw corrupt("a field is longer than the file")
        val from = take(length.toInt())
        return ProtoReader(file, bytes, from, at)
    }

    /** A string in UTF-8; a byte that is none is an error. */
    fun string(): CharSequence {
        val inside = message()
        try {
            return Charsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, inside.at, inside.size))
        } catch (error: CharacterCodingException) {
            throw corrupt("a string is not UTF-8", error)
        }
    }

    /** The bytes that are left. */
    val size: Int get() = end - at

    fun skip() {
        when (wire) {
            0 -> varint()
            1 -> take(8)
            2 -> message()
            5 -> take(4)
            else -> throw corrupt("a field has the wire type $wire")
        }
    }

    fun corrupt(reason: String, cause: Throwable? = null): CorruptTokenizerException =
        CorruptTokenizerException(file, "is no SentencePiece model ($reason)", cause)

    private fun expect(type: Int) {
        if (wire != type) throw corrupt("field $field has the wire type $wire")
    }

    private fun take(count: Int): Int {
        if (count > end - at) throw corrupt("it ends in the middle of a field")
        at += count
        return at - count
    }

    private fun varint(): Long {
        var value = 0L
        for (shift in 0 until Long.SIZE_BITS step 7) {
            val byte = bytes[take(1)].toInt()
            value = value or ((byte and 0x7F).toLong() shl shift)
            if (byte >= 0) return value
        }
        throw corrupt("a number has more than ten bytes")
    }
}
