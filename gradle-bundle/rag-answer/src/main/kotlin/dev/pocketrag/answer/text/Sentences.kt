package dev.pocketrag.answer.text

import dev.pocketrag.answer.Quote

private const val MOST = 3
private val ENDS = Regex(
    "[.!?\\u2026][\"'\\u201d\\u2019\\xbb)\\]]*$SPACE+(?!$SPACE|[a-z0-9])|[\\u3002\\uff01\\uff1f][\\u300d\\u300f\\u201d]?|\\n",
)

/** What the free tier shows: of each of the first passages the sentence that shares most words with the question. As `quotes.py`. */
internal fun quotes(question: String, passages: List<Pair<String, String>>): List<Quote> {
    val asked = words(question).toSet()
    val best = passages.take(MOST).mapIndexedNotNull { i, (_, text) ->
        // Of equals the first.
        sentences(text).map { Counted(it, words(it).toSet().count(asked::contains), i + 1) }.maxByOrNull { it.shared }
    }
    val shared = best.filter { it.shared > 0 }.sortedWith(MORE).ifEmpty { best.take(1) }
    return shared.map { Quote(it.number, it.sentence) }
}

/** Most shared words first; as a value of its own, since a class that is inlined can't be looked at by reflection. */
private val MORE = Comparator<Counted> { one, other -> other.shared.compareTo(one.shared) }

private class Counted(val sentence: String, val shared: Int, val number: Int)

/** The sentences of a text, in order, each on one line. */
internal fun sentences(text: String): List<String> {
    val ends = listOf(0) + ENDS.findAll(text).map { it.range.last + 1 } + text.length
    return ends.zipWithNext { a, b -> SPACES.replace(text.substring(a, b), " ").trim(' ') }.filter { it.isNotEmpty() }
}
