package dev.pocketrag.runtime.tokenizer

import dev.pocketrag.runtime.text.Unicode

/** `tokenizers`' WordPiece behind its BertPreTokenizer, id for id as that library encodes. */
internal class WordPiece(
    /** Whole words, and with what they are continued (without the `##`), numbered; the ids beside. */
    private val words: PieceTable,
    private val wordIds: IntArray,
    private val continuations: PieceTable,
    private val continuationIds: IntArray,
    private val unknown: Int,
    /** In code points; a longer word is unknown. */
    private val longestWord: Int,
) : TokenModel {
    /** Cuts a part of the text at white space and around punctuation, and adds the ids of each word. */
    override fun addIds(text: CharArray, from: Int, to: Int, ids: IntList) {
        val points = points(text, from, to)
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
        var at = if (word.points > longestWord) -1 else 0
        while (at in 0 until word.length) at = addPiece(word, at, ids)
        if (at < 0) {
            ids.truncate(size)
            ids.add(unknown)
        }
        word.clear()
    }

    /** Adds the longest piece at [from] and returns its end, or -1. */
    private fun addPiece(word: Word, from: Int, ids: IntList): Int {
        val table = if (from == 0) words else continuations
        for (to in minOf(word.length, from + table.longest) downTo from + 1) {
            val found = table.find(word.chars, from, to)
            if (found >= 0) {
                ids.add(if (from == 0) wordIds[found] else continuationIds[found])
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
