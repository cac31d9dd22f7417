package dev.pocketrag.runtime.tokenizer

import dev.pocketrag.runtime.CorruptTokenizerException
import dev.pocketrag.runtime.text.Clusters
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.nio.charset.CharacterCodingException

/**
 * `Precompiled` of the `tokenizers` library: SentencePiece's map of characters, a double array of UTF-8 bytes and the strings it leads to.
 *
 * That library looks up whole clusters of up to five bytes, and of these takes the first match alone, whatever follows it in the cluster.
 */
internal class Charsmap(file: String, map: ByteArray) : Normalizer {
    private val units: IntArray

    /** Where the string at a byte begins, and the strings themselves. */
    private val strings: ByteArray

    init {
        val buffer = ByteBuffer.wrap(map).order(ByteOrder.LITTLE_ENDIAN)
        val size = if (map.size < Int.SIZE_BYTES) -1 else buffer.int
        if (size !in Int.SIZE_BYTES..buffer.remaining()) throw CorruptTokenizerException(file, "has a map of characters that was cut off")
        units = IntArray(size / Int.SIZE_BYTES).also { buffer.asIntBuffer().get(it) }
        strings = map.copyOfRange(Int.SIZE_BYTES + size, map.size)
        try {
            Charsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(strings))
        } catch (error: CharacterCodingException) {
            throw CorruptTokenizerException(file, "has a map of characters that is not UTF-8", error)
        }
    }

    override fun normalize(text: CharArray): CharArray {
        val points = points(text)
        val out = StringBuilder(text.size)
        var at = 0
        while (at < points.size) {
            val end = Clusters.end(points, at)
            val whole = if ((at until end).sumOf { bytes(points[it]) } <= LONGEST) find(points, at, end) else null
            if (whole != null) out.append(whole) else for (k in at until end) addOne(points, k, out)
            at = end
        }
        return out.toString().toCharArray()
    }

    private fun addOne(points: IntList, at: Int, out: StringBuilder) {
        val found = find(points, at, at + 1)
        if (found != null) out.append(found) else out.appendCodePoint(points[at])
    }

    /** What the shortest entry leads to that the code points start with, or null. */
    private fun find(points: IntList, from: Int, to: Int): String? {
        var node = offset(units[0])
        for (at in from until to) {
            val code = points[at]
            val count = bytes(code)
            for (byte in 0 until count) {
                val value = utf8(code, byte, count)
                node = node xor value
                val unit = units.getOrElse(node) { 0 }
                if (unit and LABEL != value) return null
                node = node xor offset(unit)
                if (unit ushr 8 and 1 == 1) return string(units.getOrElse(node) { -1 } and Int.MAX_VALUE)
            }
        }
        return null
    }

    private fun string(from: Int): String? {
        if (from >= strings.size) return null
        val end = (from until strings.size).firstOrNull { strings[it] == 0.toByte() } ?: strings.size
        return String(strings, from, end - from, Charsets.UTF_8)
    }

    /** Darts-clone's units: a label, a bit that says it is a leaf, and how far away its children are. */
    private fun offset(unit: Int): Int = (unit ushr 10) shl ((unit and 0x200) ushr 6)

    private fun bytes(code: Int): Int = when {
        code < 0x80 -> 1
        code < 0x800 -> 2
        code < 0x10000 -> 3
        else -> 4
    }

    private fun utf8(code: Int, at: Int, count: Int): Int = when {
        count == 1 -> code
        at == 0 -> (0xF00 ushr count and 0xFF) or (code ushr 6 * (count - 1))
        else -> 0x80 or (code ushr 6 * (count - 1 - at) and 0x3F)
    }
}

/** In bytes, of a cluster that is looked up as a whole. */
private const val LONGEST = 5
private const val LABEL = Int.MIN_VALUE or 0xFF
