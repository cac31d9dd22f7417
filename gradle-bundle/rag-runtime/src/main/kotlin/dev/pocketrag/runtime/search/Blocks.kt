package dev.pocketrag.runtime.search

import dev.pocketrag.runtime.BadRequestException
import dev.pocketrag.runtime.Block
import dev.pocketrag.runtime.Hit
import dev.pocketrag.runtime.Passage
import dev.pocketrag.runtime.text.CodePoints
import kotlin.math.abs

/**
 * The hits and what stands around them, best first, nothing twice, within a budget of tokens.
 *
 * Every hit comes first, as long as it fits; what is left goes to the rest of their sections, the best hit's first, what stands
 * nearest to it first. A hit without a section has its neighbours of the same source.
 */
internal class Blocks(private val databases: Map<String, Database>, private val count: (String) -> Int) {
    private class Wanted(val rank: Int, val corpus: String, val passage: Passage) {
        /** Counted when it is known that there may be room for it. */
        var tokens = 0
    }

    fun blocks(hits: List<Hit>, budget: Int): List<Block> {
        val own = hits.map { Wanted(it.rank, it.corpus, it.passage) }
        val around = own.flatMap { hit -> around(hit).map { Wanted(hit.rank, hit.corpus, it) } }
        return join(keep(own + around, budget)).sortedWith { a, b -> if (a.rank != b.rank) a.rank - b.rank else compareIds(a.ids, b.ids) }
    }

    private fun around(hit: Wanted): List<Passage> {
        val database = databases[hit.corpus] ?: throw BadRequestException("the answer is of another Rag: it has no corpus ${hit.corpus}")
        val section = hit.passage.parent?.let { database.section(it) }.orEmpty()
        val rows = if (section.size < 2) database.neighbours(hit.passage) else section
        // Stable: of two equally near the first in reading order comes first, as the rows are.
        return rows.sortedWith { a, b -> abs(a.n - hit.passage.n).compareTo(abs(b.n - hit.passage.n)) }
    }

    /** Returns those that fit, in reading order. */
    private fun keep(wanted: List<Wanted>, budget: Int): List<Wanted> {
        val kept = ArrayList<Wanted>()
        var left = budget
        for (one in wanted) {
            if (kept.any { compare(it, one) == 0 }) continue
            one.tokens = count("${one.passage.title}\n${one.passage.text}")
            if (one.tokens > left) continue
            left -= one.tokens
            kept += one
        }
        return kept.sortedWith { a, b -> compare(a, b) }
    }

    private fun compare(a: Wanted, b: Wanted): Int =
        if (a.corpus != b.corpus) CodePoints.compare(a.corpus, b.corpus) else a.passage.n.compareTo(b.passage.n)

    private fun join(kept: List<Wanted>): List<Block> {
        val groups = ArrayList<MutableList<Wanted>>()
        for (one in kept) {
            val last = groups.lastOrNull()
            if (last != null && follows(last.last(), one)) last += one else groups += mutableListOf(one)
        }
        return groups.map(::block)
    }

    private fun follows(left: Wanted, right: Wanted): Boolean =
        left.corpus == right.corpus && left.passage.source == right.passage.source && left.passage.n + 1 == right.passage.n

    private fun block(group: List<Wanted>): Block {
        val first = group.first()
        return Block(
            rank = group.minOf { it.rank },
            corpus = first.corpus,
            source = first.passage.source,
            title = first.passage.title,
            text = group.joinToString("\n\n") { it.passage.text },
            ids = group.map { it.passage.id },
            tokens = group.sumOf { it.tokens },
        )
    }

    private fun compareIds(left: List<String>, right: List<String>): Int {
        val unequal = left.zip(right).firstOrNull { (a, b) -> a != b }
        return if (unequal == null) left.size - right.size else CodePoints.compare(unequal.first, unequal.second)
    }
}
