package dev.pocketrag.answer.text

private val CITATION = Regex("\\[ ?([0-9]{1,3}(?: ?[,;] ?[0-9]{1,3})*) ?\\]")
private val NUMBER = Regex("[0-9]+")
private val QUOTE = Regex(
    "(?<![0-9\\u0590-\\u05ff])\"([^\"]*)" +
        "|[\\u201c-\\u201f]([^\\u201c-\\u201f]*)" +
        "|\\u00ab([^\\u00bb]*)|\\u00bb([^\\u00ab]*)" +
        "|\\u2039([^\\u203a]*)|\\u203a([^\\u2039]*)" +
        "|\\u300c([^\\u300d]*)|\\u300e([^\\u300f]*)",
)
private const val CLOSING = "\"\u201c\u201d\u201e\u201f\u00ab\u00bb\u2039\u203a\u300d\u300f"
private val ELLIPSIS = Regex("[\\[(]? ?(?:\\.\\.\\.|\\u2026) ?[\\])]?")
private const val PUNCTUATION = " .,;:!?'\""
private const val LONG = 60

/** What an answer says of itself; [wrong] is why it must not be shown. As `check_answer.py` has it. */
internal class Checked(val citations: List<Int>, val quotes: List<String>, val wrong: String?)

/** Checks an answer against the passages (title, text) of its prompt. */
internal fun checked(text: String, passages: List<Pair<String, String>>): Checked {
    val citations = CITATION.findAll(text).flatMap { NUMBER.findAll(it.groupValues[1]) }.map { it.value.toInt() }.distinct().toList()
    val quoted = quoted(text)
    return Checked(citations, quoted, wrong(text, citations, quoted, passages))
}

/** Whether an answer begins with the phrase by which the model says that it does not know. */
internal fun refuses(text: String, refusal: String): Boolean {
    val phrase = bare(folded(refusal))
    return phrase.isNotEmpty() && bare(folded(text)).startsWith(phrase)
}

private fun wrong(text: String, citations: List<Int>, quoted: List<String>, passages: List<Pair<String, String>>): String? {
    if (SPACES.replace(text, "").isEmpty()) return "the model wrote nothing"
    if (citations.isEmpty()) return "the answer names no passage"
    citations.firstOrNull { it !in 1..passages.size }
        ?.let { return "the answer names passage $it, and it was given ${passages.size}" }
    val named = citations.map { passages[it - 1] }
    return quoted.firstOrNull { quote -> named.none { stands(quote, it) } }
        ?.let { "the answer quotes \"${short(it)}\", which does not stand in the passages that it names" }
}

private fun stands(quote: String, passage: Pair<String, String>): Boolean =
    listOf(line(passage.first), plain(passage.second)).any { inOrder(quote, folded(it)) }

private fun inOrder(quote: String, text: String): Boolean {
    var at = 0
    for (part in ELLIPSIS.split(folded(quote))) {
        val wanted = bare(part)
        val found = text.indexOf(wanted, at)
        if (found < 0) return false
        at = found + wanted.length
    }
    return true
}

private fun quoted(text: String): List<String> {
    val found = ArrayList<String>()
    var match = QUOTE.find(text)
    while (match != null) {
        val quote = match.groups.drop(1).firstNotNullOf { it }.value
        if (bare(quote).isNotEmpty()) found += quote
        // The closing mark would open the next quote.
        val end = match.range.last + 1
        val next = if (end < text.length && text[end] in CLOSING) end + 1 else end
        match = if (next <= text.length) QUOTE.find(text, next) else null
    }
    return found
}

private fun bare(text: String): String = text.trim { it in PUNCTUATION }

private fun short(quote: String): String {
    if (quote.codePointCount(0, quote.length) <= LONG) return quote
    return quote.substring(0, quote.offsetByCodePoints(0, LONG - 1)) + "…"
}
