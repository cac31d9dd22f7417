package dev.pocketrag.runtime.tokenizer

import dev.pocketrag.runtime.text.clean

/** SentencePiece's BPE, id for id as its C++ library encodes (normalizer.cc, bpe_model.cc, sentencepiece_processor.cc). */
internal class SentencePieceBpe(private val model: SentencePieceModel, private val bos: Int?, private val eos: Int?) : Tokenizer {
    override fun encode(text: String): IntArray {
        val chars = escapeSpaces(clean(text).toCharArray(), model.spaces, model.userDefined)
        val ids = IntList(chars.size / 2)
        bos?.let(ids::add)
        Merging(model, chars).encode(ids)
        eos?.let(ids::add)
        return ids.toArray()
    }
}

internal fun readSentencePiece(content: ByteArray, spec: TokenizerSpec): Tokenizer =
    SentencePieceBpe(readSentencePieceModel(spec.file, content), spec.bos, spec.eos)

/** Stands for a space inside pieces. */
private const val SPACE = '\u2581'

/** `Normalizer::Normalize` without a map of characters: spaces are dropped, added and escaped as [rules] say. */
internal fun escapeSpaces(text: CharArray, rules: SpaceRules, userDefined: PrefixTrie): CharArray {
    var at = 0
    if (rules.removeExtra) while (at < text.size && text[at] == ' ' && userDefined.longest(text, at, text.size) <= at + 1) at++
    if (at == text.size) return CharArray(0)
    val out = StringBuilder(text.size - at + 1)
    val space = if (rules.escape) SPACE else ' '
    if (rules.addDummyPrefix && !rules.asSuffix) out.append(space)
    appendEscaped(out, text, at, rules, userDefined)
    if (rules.removeExtra) while (out.isNotEmpty() && out.last() == space) out.setLength(out.length - 1)
    if (rules.addDummyPrefix && rules.asSuffix) out.append(space)
    return out.toString().toCharArray()
}

private fun appendEscaped(out: StringBuilder, text: CharArray, start: Int, rules: SpaceRules, userDefined: PrefixTrie) {
    var at = start
    var afterSpace = rules.removeExtra
    while (at < text.size) {
        var from = at
        at = maxOf(userDefined.longest(text, at, text.size), at + 1)
        while (afterSpace && from < at && text[from] == ' ') from++
        for (k in from until at) out.append(if (rules.escape && text[k] == ' ') SPACE else text[k])
        afterSpace = rules.removeExtra && text[at - 1] == ' '
    }
}

/** A word's merges; more come as needed. */
private const val AGENDA = 64
private const val PLACE_BITS = 28
private const val LENGTH_BITS = 15
private const val PLACE_MASK = (1L shl PLACE_BITS) - 1
private const val LENGTH_MASK = (1L shl LENGTH_BITS) - 1

/**
 * The merges of one text. A symbol is named by the place where it starts; one that was merged away has no length.
 *
 * The agenda holds possible merges, the best first: the highest score, of equal ones the leftmost. A key is
 * rank (20 bits), place (28 bits), length of the merged symbol (15 bits); it is out of date where the length is no longer right.
 */
private class Merging(private val model: SentencePieceModel, private val chars: CharArray) {
    private val lengths = IntArray(chars.size)
    private val before = IntArray(chars.size)
    private val frozen = BooleanArray(chars.size)
    private val agenda = LongHeap(AGENDA)

    init {
        require(chars.size < 1 shl PLACE_BITS) { "a text of ${chars.size} characters is too long" }
    }

    fun encode(ids: IntList) {
        split()
        var at = 0
        while (at < chars.size) {
            val next = at + lengths[at]
            // Part by part: the agenda stays short, and a long text takes no longer than many short ones.
            if (next < chars.size && model.neighbours.mayHold(chars[next - 1], chars[next])) offer(at) else mergeAll()
            at = next
        }
        collect(ids)
    }

    /** Cuts the text into characters and user-defined symbols, which no merge touches. */
    private fun split() {
        var at = 0
        var last = -1
        while (at < chars.size) {
            val end = model.userDefined.longest(chars, at, chars.size)
            frozen[at] = end > at
            lengths[at] = if (frozen[at]) end - at else characterLength(at)
            before[at] = last
            last = at
            at += lengths[at]
        }
    }

    private fun characterLength(at: Int): Int =
        if (chars[at].isHighSurrogate() && at + 1 < chars.size && chars[at + 1].isLowSurrogate()) 2 else 1

    /** Puts the merge of the symbol at [left] with the next one on the agenda, where that gives a piece. */
    private fun offer(left: Int) {
        val right = left + lengths[left]
        if (right == chars.size || frozen[left] || frozen[right]) return
        val length = lengths[left] + lengths[right]
        val id = model.pieces.find(chars, left, left + length)
        if (id < 0 || model.ranks[id] < 0) return
        agenda.push((((model.ranks[id].toLong() shl PLACE_BITS) or left.toLong()) shl LENGTH_BITS) or length.toLong())
    }

    private fun mergeAll() {
        while (agenda.isNotEmpty()) merge(agenda.pop())
    }

    private fun merge(key: Long) {
        val length = (key and LENGTH_MASK).toInt()
        val left = ((key ushr LENGTH_BITS) and PLACE_MASK).toInt()
        val right = left + lengths[left]
        if (lengths[left] == 0 || right == chars.size || lengths[left] + lengths[right] != length) return
        lengths[left] = length
        lengths[right] = 0
        val next = left + length
        if (next < chars.size) before[next] = left
        if (before[left] >= 0) offer(before[left])
        offer(left)
    }

    /** Adds the ids; a run of unknown symbols is one unknown id, or all its bytes. */
    private fun collect(ids: IntList) {
        var at = 0
        var afterUnknown = false
        while (at < chars.size) {
            val found = model.pieces.find(chars, at, at + lengths[at])
            val unknown = found < 0 || found == model.unknown
            when {
                !unknown -> ids.add(found)
                model.bytes != null -> addBytes(ids, model.bytes, at)
                !afterUnknown -> ids.add(model.unknown)
            }
            afterUnknown = unknown
            at += lengths[at]
        }
    }

    private fun addBytes(ids: IntList, table: IntArray, at: Int) {
        for (byte in String(chars, at, lengths[at]).toByteArray(Charsets.UTF_8)) ids.add(table[byte.toInt() and 0xFF])
    }
}
