package dev.pocketrag.runtime

/** Strings as the desktop runtime sees them: Python's white space, Python's order. */
internal object Text {
    private const val REPLACEMENT = '\uFFFD'

    /** Code points for which Python's `str.isspace` is true; Kotlin's `isWhitespace` lacks U+0085. */
    private val SPACES: Set<Char> = buildSet {
        addAll('\u0009'..'\u000D')
        addAll('\u001C'..'\u0020')
        addAll('\u2000'..'\u200A')
        addAll(listOf('\u0085', '\u00A0', '\u1680', '\u2028', '\u2029', '\u202F', '\u205F', '\u3000'))
    }

    /** Returns the text without white space at its ends. */
    fun strip(text: String): String = text.trim { it in SPACES }

    /** Replaces what no tokenizer and no SQLite takes (NUL, lone surrogates) by U+FFFD, and strips. */
    fun clean(text: String): String = strip(replaceUnfit(text, nul = true))

    /** Replaces lone surrogates by U+FFFD, and NUL too where [nul] says so. */
    fun replaceUnfit(text: String, nul: Boolean): String {
        val out = StringBuilder(text)
        for (i in out.indices) {
            val lone = out[i].isSurrogate() && !isPaired(text, i)
            if (lone || nul && out[i] == '\u0000') out.setCharAt(i, REPLACEMENT)
        }
        return out.toString()
    }

    private fun isPaired(text: String, i: Int): Boolean =
        if (text[i].isHighSurrogate()) {
            i + 1 < text.length && text[i + 1].isLowSurrogate()
        } else {
            i > 0 && text[i - 1].isHighSurrogate()
        }

    /**
     * The order of code points, which is that of UTF-8 bytes: SQLite's and Python's. Kotlin compares UTF-16, where U+1F642
     * (surrogates from D800 on) comes before U+FB01.
     */
    val ORDER: Comparator<String> = Comparator { left, right ->
        var i = 0
        while (i < left.length && i < right.length && left[i] == right[i]) i++
        if (i < left.length && i < right.length) weight(left[i]) - weight(right[i]) else left.length - right.length
    }

    /** Moves the surrogates behind the rest of UTF-16. */
    private fun weight(unit: Char): Int =
        when {
            unit < '\uD800' -> unit.code
            unit >= '\uE000' -> unit.code - SURROGATES
            else -> unit.code + PRIVATE
        }

    private const val SURROGATES = 0x800
    private const val PRIVATE = 0x2000
}
