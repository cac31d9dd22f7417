package dev.pocketrag.runtime.tokenizer

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
