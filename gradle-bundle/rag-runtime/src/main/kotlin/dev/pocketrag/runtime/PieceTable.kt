package dev.pocketrag.runtime

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
    private val slots: IntArray
    private val mask: Int

    init {
        var capacity = 16
        while (capacity < size * 2) capacity *= 2
        slots = IntArray(capacity) { -1 }
        mask = capacity - 1
        var twice = -1
        for (number in 0 until size) {
            val slot = slot(chars, starts[number], starts[number + 1])
            if (slots[slot] >= 0) twice = number else slots[slot] = number
        }
        duplicate = twice
    }

    operator fun get(number: Int): String = String(chars, starts[number], starts[number + 1] - starts[number])

    /** Returns the number of the piece that [text] has at [from] until [to], or -1. */
    fun find(text: CharArray, from: Int, to: Int): Int = if (to - from > longest) -1 else slots[slot(text, from, to)]

    /** The place of a string, or the free one where it would be (open addressing, half full at most). */
    private fun slot(text: CharArray, from: Int, to: Int): Int {
        var hash = 0
        for (at in from until to) hash = hash * 31 + text[at].code
        hash *= -0x61c88647 // 2^32 / golden ratio: spreads sums of like strings
        var slot = (hash xor (hash ushr 15)) and mask
        while (slots[slot] >= 0 && !equal(slots[slot], text, from, to)) slot = (slot + 1) and mask
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
