package dev.pocketrag.runtime.tokenizer

/**
 * Strings and their numbers, found by a part of a text without copying it.
 *
 * One array holds all characters: 262 144 strings as objects would take some 15 MB more of an app's heap.
 */
internal class PieceTable private constructor(private val chars: CharArray, private val starts: IntArray) {
    val size: Int get() = starts.size - 1

    /** The most UTF-16 units that a piece has: nothing longer need be looked up. */
    val longest: Int = (0 until size).maxOfOrNull { starts[it + 1] - starts[it] } ?: 0

    /** A number that came twice with the same string, or -1. */
    val duplicate: Int

    /**
     * A string's hash and its number, or -1 where it is free: as no number is -1, so is no entry, and as an Int it is the answer of [find]
     * for what is not there. The hash here spares most of the looks at the characters, which lie far apart.
     */
    private val slots: LongArray
    private val mask: Int

    init {
        var capacity = 16
        while (capacity < size * 2) capacity *= 2
        slots = LongArray(capacity) { -1L }
        mask = capacity - 1
        var twice = -1
        for (number in 0 until size) {
            val hash = hash(chars, starts[number], starts[number + 1])
            val slot = slot(hash, chars, starts[number], starts[number + 1])
            if (slots[slot] != -1L) twice = number else slots[slot] = (hash.toLong() shl Int.SIZE_BITS) or number.toLong()
        }
        duplicate = twice
    }

    operator fun get(number: Int): String = String(chars, starts[number], starts[number + 1] - starts[number])

    /** Returns the number of the piece that [text] has at [from] until [to], or -1. */
    fun find(text: CharArray, from: Int, to: Int): Int =
        if (to - from > longest) -1 else slots[slot(hash(text, from, to), text, from, to)].toInt()

    /** Which characters follow each other inside a piece (and a few more, where two pairs share a bit). */
    fun neighbours(chosen: (Int) -> Boolean): NeighbourSet {
        val found = NeighbourSet()
        for (number in 0 until size) if (chosen(number)) {
            for (at in starts[number] + 1 until starts[number + 1]) found.add(chars[at - 1], chars[at])
        }
        return found
    }

    private fun hash(text: CharArray, from: Int, to: Int): Int {
        var hash = 0
        for (at in from until to) hash = hash * 31 + text[at].code
        hash *= -0x61c88647 // 2^32 / golden ratio: spreads sums of like strings
        return hash xor (hash ushr 15)
    }

    /** The place of a string, or the free one where it would be (open addressing, half full at most). */
    private fun slot(hash: Int, text: CharArray, from: Int, to: Int): Int {
        var slot = hash and mask
        while (slots[slot] != -1L) {
            if ((slots[slot] ushr Int.SIZE_BITS).toInt() == hash && equal(slots[slot].toInt(), text, from, to)) return slot
            slot = (slot + 1) and mask
        }
        return slot
    }

    private fun equal(number: Int, text: CharArray, from: Int, to: Int): Boolean {
        val start = starts[number]
        if (starts[number + 1] - start != to - from) return false
        for (at in from until to) if (chars[start + at - from] != text[at]) return false
        return true
    }

    /** Numbers strings in the order in which they are added. */
    class Builder {
        private val text = StringBuilder()
        private val starts = IntList().apply { add(0) }

        fun add(piece: CharSequence) {
            text.append(piece)
            starts.add(text.length)
        }

        fun build(): PieceTable = PieceTable(CharArray(text.length).also { text.getChars(0, text.length, it, 0) }, starts.toArray())
    }
}

/** Pairs of characters; says of a few others that they are among them, and never that one of them is not. */
internal class NeighbourSet {
    /** 2^21 bits are 256 kB, in numbers of 2^6 bits; Gemma has 33 692 pairs. */
    private val bits = LongArray(1 shl (21 - 6))

    fun add(first: Char, second: Char) {
        val bit = bit(first, second)
        bits[bit ushr 6] = bits[bit ushr 6] or (1L shl bit)
    }

    fun mayHold(first: Char, second: Char): Boolean {
        val bit = bit(first, second)
        return bits[bit ushr 6] and (1L shl bit) != 0L
    }

    /** The upper bits of the pair times 2^32 / golden ratio (Fibonacci hashing). */
    private fun bit(first: Char, second: Char): Int {
        val pair = (first.code shl Char.SIZE_BITS) or second.code
        return (pair * -0x61c88647) ushr (Int.SIZE_BITS - 21)
    }
}
