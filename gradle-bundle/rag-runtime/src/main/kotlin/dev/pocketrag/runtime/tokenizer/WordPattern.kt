package dev.pocketrag.runtime.tokenizer

import dev.pocketrag.runtime.text.CodePointFlags
import dev.pocketrag.runtime.text.Unicode
import dev.pocketrag.runtime.text.UnicodeData

private const val NEWER =
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"

/**
 * The patterns by which byte-level tokenizers cut a text into words, by hand: the platform's regular expressions know another Unicode.
 *
 * [end] says where the first alternative that matches ends.
 */
internal enum class WordPattern(val regex: String, private val digits: Int) {
    /** `ByteLevel`'s own (`use_regex`). */
    GPT2("'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+", 0),
    QWEN2(NEWER, 1),
    LLAMA3(NEWER.replace("\\p{N}|", "\\p{N}{1,3}|"), 3),
    ;

    fun end(text: IntList, at: Int): Int {
        val short = contraction(text, at)
        return if (short > at) short else if (this == GPT2) gpt2(text, at) else newer(text, at)
    }

    private fun gpt2(text: IntList, at: Int): Int {
        val start = if (text[at] == SPACE && at + 1 < text.size) at + 1 else at
        val kind = kind(text[start])
        return if (kind == BLANK) blanks(text, at) else run(text, start, kind)
    }

    private fun newer(text: IntList, at: Int): Int {
        val kind = kind(text[at])
        if (kind == LETTER) return run(text, at, LETTER)
        if (kind == NUMBER) return minOf(run(text, at, NUMBER), at + digits)
        val next = if (at + 1 < text.size) kind(text[at + 1]) else BLANK
        if (next == LETTER && !isLineEnd(text[at])) return run(text, at + 1, LETTER)
        if (kind == OTHER || text[at] == SPACE && next == OTHER) {
            var end = run(text, if (kind == OTHER) at else at + 1, OTHER)
            while (end < text.size && isLineEnd(text[end])) end++
            return end
        }
        val end = run(text, at, BLANK)
        return ((end - 1 downTo at).firstOrNull { isLineEnd(text[it]) } ?: return blanks(text, at)) + 1
    }

    /** `\s+(?!\S)|\s+`: without the last one, where a word follows. */
    private fun blanks(text: IntList, at: Int): Int {
        val end = run(text, at, BLANK)
        return if (end == text.size || end == at + 1) end else end - 1
    }

    private fun run(text: IntList, from: Int, kind: Int): Int {
        var end = from
        while (end < text.size && kind(text[end]) == kind) end++
        return end
    }

    /** `'s` and the like; the newer patterns take capitals too, and the long s. */
    private fun contraction(text: IntList, at: Int): Int {
        if (text[at] != APOSTROPHE || at + 1 == text.size) return at
        val first = small(text[at + 1])
        if (first in SINGLE) return at + 2
        val second = if (at + 2 < text.size) small(text[at + 2]) else ' '
        return if ("$first$second" in DOUBLE) at + 3 else at
    }

    private fun small(code: Int): Char = when {
        this != GPT2 && code in 'A'.code..'Z'.code -> (code + ('a' - 'A')).toChar()
        this != GPT2 && code == LONG_S -> 's'
        code < 0x80 -> code.toChar()
        else -> ' '
    }

    private fun isLineEnd(code: Int) = code == '\n'.code || code == '\r'.code

    companion object {
        private const val SPACE = 0x20
        private const val APOSTROPHE = 0x27
        private const val LONG_S = 0x17F
        private const val OTHER = 0
        private const val LETTER = 1
        private const val NUMBER = 2
        private const val BLANK = 4
        private const val SINGLE = "stmd"
        private val DOUBLE = listOf("re", "ve", "ll")
        private val flags = CodePointFlags().apply {
            read(UnicodeData.LETTER, LETTER)
            read(UnicodeData.NUMBER, NUMBER)
        }

        private fun kind(code: Int): Int = if (Unicode.flags(code) and Unicode.IS_SPACE != 0) BLANK else flags.of(code)
    }
}
