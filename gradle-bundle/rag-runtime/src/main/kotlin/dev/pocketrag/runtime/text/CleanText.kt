package dev.pocketrag.runtime.text

/** Takes the place of what is no character. */
private const val REPLACEMENT = '\uFFFD'

/** Replaces what no tokenizer takes (lone surrogates, NUL) by U+FFFD, and strips white space as Python's `str.strip` does. */
internal fun clean(text: String): String {
    val fit = replaceUnfit(text)
    var from = 0
    var to = fit.length
    while (from < to && isPythonSpace(fit[from])) from++
    while (to > from && isPythonSpace(fit[to - 1])) to--
    return fit.substring(from, to)
}

private fun replaceUnfit(text: String): String {
    val first = text.indices.firstOrNull { isUnfit(text, it) } ?: return text
    val changed = text.toCharArray()
    for (at in first until text.length) if (isUnfit(text, at)) changed[at] = REPLACEMENT
    return String(changed)
}

private fun isUnfit(text: String, at: Int): Boolean {
    val char = text[at]
    return when {
        char.isHighSurrogate() -> at + 1 == text.length || !text[at + 1].isLowSurrogate()
        char.isLowSurrogate() -> at == 0 || !text[at - 1].isHighSurrogate()
        else -> char == '\u0000'
    }
}

/**
 * What `str.isspace` says of a character (CPython, `_PyUnicode_IsWhitespace`: category Zs, or bidirectional WS, B or S).
 * Java's and Kotlin's own notions differ: U+0085, U+00A0, U+001C ...
 */
internal fun isPythonSpace(char: Char): Boolean = when (char) {
    in '\t'..'\r', in '\u001C'..' ', '\u0085', '\u00A0', '\u1680', in '\u2000'..'\u200A' -> true
    '\u2028', '\u2029', '\u202F', '\u205F', '\u3000' -> true
    else -> false
}
