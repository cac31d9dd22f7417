package dev.pocketrag.answer.engine

import dev.pocketrag.answer.text.SPACES
import dev.pocketrag.runtime.Answer
import dev.pocketrag.runtime.Block
import dev.pocketrag.runtime.Hit
import dev.pocketrag.runtime.Rag

private const val CUT = " […]"

/** Which passages go into a prompt: what [Rag.context] gives, or the best hit's beginning where nothing fits. As `budget.py`. */
internal suspend fun fitting(rag: Rag, answer: Answer, tokens: Int): List<Block> {
    val blocks = rag.context(answer, tokens)
    val best = answer.hits.firstOrNull() ?: return blocks
    return blocks.ifEmpty { listOf(beginning(best, rag, tokens)) }
}

private suspend fun beginning(hit: Hit, rag: Rag, tokens: Int): Block {
    val text = hit.passage.text
    val points = (1 until text.codePointCount(0, text.length)).map { text.offsetByCodePoints(0, it) }
    val words = SPACES.findAll(text).map { it.range.first }.filter { it > 0 }.toList()
    for (title in listOf(hit.passage.title, "").distinct()) {
        for (ends in listOf(words, points)) {
            val part = longest(text, ends) { rag.countTokens("$title\n$it") <= tokens } ?: continue
            return block(hit, title, part, rag.countTokens("$title\n$part"))
        }
    }
    return block(hit, "", "", 0)
}

/** Returns the longest beginning that fits, marked; null where none does. */
private suspend fun longest(text: String, ends: List<Int>, fits: suspend (String) -> Boolean): String? {
    var low = 0
    var high = ends.size
    while (low < high) {
        val middle = (low + high + 1) / 2
        if (fits(text.substring(0, ends[middle - 1]) + CUT)) low = middle else high = middle - 1
    }
    return if (low == 0) null else text.substring(0, ends[low - 1]) + CUT
}

private fun block(hit: Hit, title: String, text: String, tokens: Int) =
    Block(hit.rank, hit.corpus, hit.passage.source, title, text, listOf(hit.passage.id), tokens)
