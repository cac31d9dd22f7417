package dev.pocketrag.answer.text

/**
 * Passages and questions as text that can neither close a chat template nor look like a part of the prompt: as
 * `pocketrag/runtime/generator/plain.py` has it, byte for byte. The classes of characters are written out, since Python and Java mean
 * different ones by `\s`.
 */
internal const val SPACE: String = "[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]"
private const val BREAK = "[\\n-\\r\\x1c-\\x1e\\x85\\u2028\\u2029]"
private const val UNSEEN = "[\\x01-\\x08\\x0e-\\x1b\\x7f\\u00ad\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u2064\\ufeff]*"
private const val END = "(?![\\s\\S])"

internal val SPACES: Regex = Regex("$SPACE+")
private val BREAKS = Regex("(?<!$SPACE)$SPACE*$BREAK")
private val EDGES = Regex("(?<![\\s\\S])$SPACE+|(?<!$SPACE)$SPACE+$END")

/** Where a marker of a chat template could begin, or at the beginning of a line the number of a passage. */
private val OPENING = Regex(
    "[<\\uff1c\\ufe64](?=$UNSEEN(?:[<\\uff1c\\ufe64|\\uff5c/_A-Za-z]|$END))" +
        "|[\\[\\uff3b](?=$UNSEEN/?$UNSEEN(?:[A-Z_]$UNSEEN[A-Z_]|[A-Z_]?$UNSEEN$END))" +
        "|(?<![^\\n])$UNSEEN[\\[\\uff3b](?=$UNSEEN[0-9])",
)

/** A passage's text as it stands in a prompt: no empty line, no marker, no passage's number. */
internal fun plain(text: String): String = opened(BREAKS.replace(fit(text), "\n"))

/** A title or a question as it stands in a prompt, on one line. */
internal fun line(text: String): String = opened(SPACES.replace(fit(text), " "))

private fun opened(text: String): String = OPENING.replace(EDGES.replace(text, "")) { it.value + " " }

/** NUL and lone surrogates are U+FFFD. */
private fun fit(text: String): String = buildString(text.length) {
    for ((n, char) in text.withIndex()) append(if (unfit(text, n, char)) '\ufffd' else char)
}

private fun unfit(text: String, at: Int, char: Char): Boolean = when {
    char == '\u0000' -> true
    char.isHighSurrogate() -> text.getOrNull(at + 1)?.isLowSurrogate() != true
    char.isLowSurrogate() -> text.getOrNull(at - 1)?.isHighSurrogate() != true
    else -> false
}
