package dev.pocketrag.runtime.tokenizer

import dev.pocketrag.runtime.text.Unicode
import dev.pocketrag.runtime.text.clean

/** What a `tokenizer.json` of the BERT family says. */
internal class WordPieceModel(
    /** Whole words, and with what they are continued (without the `##`), numbered; the ids beside. */
    val words: PieceTable,
    val wordIds: IntArray,
    val continuations: PieceTable,
    val continuationIds: IntArray,
    val unknown: Int,
    /** In code points; a longer word is unknown. */
    val longestWord: Int,
    val normalizer: BertNormalizer,
    /** Special tokens that are found in a text as they are, before it is normalised. */
    val added: PrefixTrie,
    val before: IntArray,
    val after: IntArray,
)

/** `tokenizers`' WordPiece behind its BertNormalizer and BertPreTokenizer, id for id as that library encodes. */
internal class WordPiece(private val model: WordPieceModel) : Tokenizer {
    override fun encode(text: String): IntArray {
        val chars = clean(text).toCharArray()
        val ids = IntList(chars.size / 2)
        model.before.forEach(ids::add)
        var start = 0
        var at = 0
        while (at < chars.size) {
            val end = model.added.longest(chars, at, chars.size)
            if (end == at) {
                at++
                continue
            }
            addWords(chars, start, at, ids)
            ids.add(model.added.number(chars, at, end))
            at = end
            start = end
        }
        addWords(chars, start, chars.size, ids)
        model.after.forEach(ids::add)
        return ids.toArray()
    }

    /** Cuts a part of the text at white space and around punctuation, and adds the ids of each word. */
    private fun addWords(chars: CharArray, from: Int, to: Int, ids: IntList) {
        val points = model.normalizer.normalize(java.nio.CharBuffer.wrap(chars, from, to - from))
        val word = Word(points.size)
        for (at in 0 until points.size) {
            val flags = Unicode.flags(points[at])
            when {
                flags and Unicode.IS_SPACE != 0 -> addWord(word, ids)
                flags and Unicode.IS_PUNCTUATION != 0 -> {
                    addWord(word, ids)
                    word.add(points[at])
                    addWord(word, ids)
                }
                else -> word.add(points[at])
            }
        }
        addWord(word, ids)
    }

    /** The longest piece first, then the longest continuation; a rest that is none makes the whole word unknown. */
    private fun addWord(word: Word, ids: IntList) {
        if (word.points == 0) return
        val size = ids.size
        var at = if (word.points > model.longestWord) -1 else 0
        while (at in 0 until word.length) at = addPiece(word, at, ids)
        if (at < 0) {
            ids.truncate(size)
            ids.add(model.unknown)
        }
        word.clear()
    }

    /** Adds the longest piece at [from] and returns its end, or -1. */
    private fun addPiece(word: Word, from: Int, ids: IntList): Int {
        val table = if (from == 0) model.words else model.continuations
        for (to in minOf(word.length, from + table.longest) downTo from + 1) {
            val found = table.find(word.chars, from, to)
            if (found >= 0) {
                ids.add(if (from == 0) model.wordIds[found] else model.continuationIds[found])
                return to
            }
        }
        return -1
    }

    /** The letters of the word that is being read. */
    private class Word(points: Int) {
        val chars = CharArray(2 * points)
        var length = 0
        var points = 0

        fun add(code: Int) {
            length += Character.toChars(code, chars, length)
            points++
        }

        fun clear() {
            length = 0
            points = 0
        }
    }
}
