package dev.pocketrag.runtime.tokenizer

import dev.pocketrag.runtime.text.Unicode

/** What of Metaspace and WhitespaceSplit a `tokenizer.json` asks for. */
internal class MetaspaceRules(
    /** White space is cut out before. */
    val apart: Boolean,
    val space: Char,
    /** Whether each part gets one in front. */
    val prepend: Boolean,
    val split: Boolean,
)

/** Unigram of the `tokenizers` library (`models/unigram/model.rs`, `encode_optimized`): of all ways to spell a word the likeliest. */
internal class Unigram(
    private val pieces: PieceTable,
    private val scores: DoubleArray,
    private val unknown: Int,
    private val rules: MetaspaceRules,
) : TokenModel {
    private val neighbours = pieces.neighbours { true }
    private val unknownScore = scores.min() - PENALTY

    override fun addIds(text: CharArray, from: Int, to: Int, ids: IntList) {
        if (!rules.apart) return addPart(text, from, to, ids)
        var start = from
        for (at in from..to) if (at == to || Unicode.flags(text[at].code) and Unicode.IS_SPACE != 0) {
            if (start < at) addPart(text, start, at, ids)
            start = at + 1
        }
    }

    private fun addPart(text: CharArray, from: Int, to: Int, ids: IntList) {
        val marked = CharArray(to - from) { if (text[from + it] == ' ') rules.space else text[from + it] }
        val part = if (rules.prepend && marked[0] != rules.space) charArrayOf(rules.space) + marked else marked
        var start = 0
        if (rules.split) for (at in 1 until part.size) if (part[at] == rules.space) {
            addWord(part, start, at, ids)
            start = at
        }
        addWord(part, start, part.size, ids)
    }

    /** Adds the ids of the best path to the end; of equal ones the one that is found first. */
    private fun addWord(text: CharArray, from: Int, to: Int, ids: IntList) {
        val best = DoubleArray(to - from + 1)
        val starts = IntArray(to - from + 1) { -1 }
        val found = IntArray(to - from + 1)
        var at = from
        while (at < to) {
            val letter = at + if (text[at].isHighSurrogate()) 2 else 1
            val here = best[at - from]
            var single = false
            var end = at + 1
            do {
                val id = pieces.find(text, at, end)
                if (id >= 0) {
                    offer(here + scores[id], at - from, end - from, id, best, starts, found)
                    single = single || end == letter
                }
                end++
            } while (end <= to && end - at <= pieces.longest && neighbours.mayHold(text[end - 2], text[end - 1]))
            if (!single) offer(here + unknownScore, at - from, letter - from, unknown, best, starts, found)
            at = letter
        }
        collect(text, from, to, starts, found, ids)
    }

    private fun offer(score: Double, from: Int, to: Int, id: Int, best: DoubleArray, starts: IntArray, found: IntArray) {
        if (starts[to] >= 0 && score <= best[to]) return
        best[to] = score
        starts[to] = from
        found[to] = id
    }

    /** Neighbours that are unknown become one, which is looked up again. */
    private fun collect(text: CharArray, from: Int, to: Int, starts: IntArray, found: IntArray, ids: IntList) {
        val path = IntList()
        var at = to - from
        while (at > 0) {
            val end = at
            val known = found[at] != unknown
            do at = starts[at] while (!known && at > 0 && found[at] == unknown)
            path.add(if (known) found[end] else pieces.find(text, from + at, from + end).let { if (it < 0) unknown else it })
        }
        for (k in path.size - 1 downTo 0) ids.add(path[k])
    }
}

/** `K_UNK_PENALTY` of that file. */
private const val PENALTY = 10.0
