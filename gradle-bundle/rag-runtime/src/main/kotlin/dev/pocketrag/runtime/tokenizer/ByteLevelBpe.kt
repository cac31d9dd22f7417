package dev.pocketrag.runtime.tokenizer

/** BPE over bytes, as GPT-2 brought it: `tokenizers`' ByteLevel and BPE (`pre_tokenizers/byte_level.rs`, `models/bpe/word.rs`). */
internal class ByteLevelBpe(
    private val merges: MergeTable,
    /** The id of each byte. */
    private val bytes: IntArray,
    private val words: WordPattern?,
    /** Whether a part that does not start with a space gets one. */
    private val prefixSpace: Boolean,
) : TokenModel {
    override fun addIds(text: CharArray, from: Int, to: Int, ids: IntList) {
        val part = if (prefixSpace && text[from] != ' ') points(charArrayOf(' ') + text.copyOfRange(from, to)) else points(text, from, to)
        var at = 0
        while (at < part.size) {
            val end = words?.end(part, at) ?: part.size
            Merging(String(part.values, at, end - at).toByteArray(Charsets.UTF_8)).addTo(ids)
            at = end
        }
    }

    /** The merges of one word: a symbol is named by the place of its first byte, and one that was merged away has no next. */
    private inner class Merging(word: ByteArray) {
        private val symbols = IntArray(word.size) { bytes[word[it].toInt() and 0xFF] }
        private val next = IntArray(word.size) { it + 1 }
        private val before = IntArray(word.size) { it - 1 }
        private val agenda = LongHeap(word.size)

        fun addTo(ids: IntList) {
            for (at in 0 until symbols.size - 1) offer(at)
            while (agenda.isNotEmpty()) merge(agenda.pop())
            var at = 0
            while (at < symbols.size) {
                ids.add(symbols[at])
                at = next[at]
            }
        }

        /** Puts the merge of a symbol and the next one on the agenda: the lowest rank comes first, of equal ones the leftmost. */
        private fun offer(at: Int) {
            val rank = rankAt(at)
            if (rank >= 0) agenda.push((rank.toLong() shl Int.SIZE_BITS) or at.toLong())
        }

        private fun rankAt(at: Int): Int = if (next[at] < symbols.size) merges.rank(symbols[at], symbols[next[at]]) else -1

        private fun merge(key: Long) {
            val at = key.toInt()
            val rank = (key ushr Int.SIZE_BITS).toInt()
            if (next[at] == GONE || rankAt(at) != rank) return
            val right = next[at]
            symbols[at] = merges.result(rank)
            next[at] = next[right]
            if (next[right] < symbols.size) before[next[right]] = at
            next[right] = GONE
            if (before[at] >= 0) offer(before[at])
            offer(at)
        }
    }
}

/** Above any place: nothing follows. */
private const val GONE = Int.MAX_VALUE

/** Which two ids become which one, the first merge first. */
internal class MergeTable(private val lefts: IntArray, private val rights: IntArray, private val results: IntArray) {
    /** Ranks by the hash of their two ids; -1 where it is free (open addressing, two thirds full at most). */
    private val slots: IntArray

    init {
        var capacity = 16
        while (capacity < lefts.size * 3 / 2) capacity *= 2
        slots = IntArray(capacity) { -1 }
        // Of a merge that is there twice the later one holds.
        for (rank in lefts.indices) slots[slot(lefts[rank], rights[rank])] = rank
    }

    /** The rank of a merge, or -1. */
    fun rank(left: Int, right: Int): Int = slots[slot(left, right)]

    fun result(rank: Int): Int = results[rank]

    private fun slot(left: Int, right: Int): Int {
        val hash = (left * 31 + right) * -0x61c88647
        var slot = (hash xor (hash ushr 15)) and (slots.size - 1)
        while (slots[slot] >= 0 && (lefts[slots[slot]] != left || rights[slots[slot]] != right)) slot = (slot + 1) and (slots.size - 1)
        return slot
    }
}
