package dev.pocketrag.runtime.search

import dev.pocketrag.runtime.BadRequestException
import dev.pocketrag.runtime.Mode
import dev.pocketrag.runtime.Passage
import dev.pocketrag.runtime.Ranked
import dev.pocketrag.runtime.Where
import dev.pocketrag.runtime.encoder.FusionSpec
import dev.pocketrag.runtime.engine.closeAll
import java.io.Closeable

/** What a ranking found: the list that is shown, and the two lists it was made of. */
internal class Rankings(val ranked: List<Ranked>, val dense: List<Ranked>, val lexical: List<Ranked>)

/** The databases that a search goes through: one, or several of one model, their lists merged. Not safe for two threads. */
internal class Retriever(private val corpora: Map<String, Database>, sqliteVec: Boolean) : Closeable {
    /** Of which databases sqlite-vec finds the candidates. */
    private val indexed: Set<String> = if (sqliteVec) corpora.filterValues { it.hasVec0() }.keys else emptySet()

    val databases: Map<String, Database>
        get() = corpora

    /** The first bundle alone, as its golden file was made. Not to be closed. */
    fun first(): Retriever = Retriever(corpora.entries.take(1).associate { it.key to it.value }, indexed.isNotEmpty())

    /** Ranks as [how] says; fusion always looks at the first 100 of each list. [check] is called before each list of each database. */
    fun rank(question: String, vector: FloatArray?, depth: Int, how: FusionSpec, where: Where?, check: () -> Unit): Rankings {
        val mode = how.mode
        val filter = where?.takeIf { it.isNotEmpty() }?.let { Filter(it) }
        val deep = if (mode == Mode.HYBRID) Fusion.DEPTH else depth
        val dense = if (mode == Mode.BM25 || vector == null) emptyList() else nearest(vector, deep, filter, check)
        val lexical = if (mode == Mode.DENSE) emptyList() else bm25(question, deep, filter, check)
        val ranked = if (mode == Mode.HYBRID) fuse(dense, lexical, how) else dense.ifEmpty { lexical }
        return Rankings(ranked, dense, lexical)
    }

    private fun fuse(dense: List<Ranked>, lexical: List<Ranked>, how: FusionSpec): List<Ranked> =
        Fusion.BY_NAME.getValue(how.fusion)(dense, lexical, how.denseWeight)

    /** Ranks all passages by their cosine with a question's vector float32 [dims]. */
    fun nearest(vector: FloatArray, depth: Int, filter: Filter?, check: () -> Unit): List<Ranked> = merge(depth, check) { name, database ->
        val allowed = when {
            filter != null -> database.where(filter)
            name in indexed -> database.candidates(vector, maxOf(depth, CANDIDATES))
            else -> null
        }
        database.vectors.nearest(vector, depth, allowed)
    }

    /** Ranks by full text alone. Several corpora are merged by their scores, though each counts its own words. */
    private fun bm25(question: String, depth: Int, filter: Filter?, check: () -> Unit): List<Ranked> =
        merge(depth, check) { _, database -> database.fullText.bm25(question, depth, filter) }

    /** Says why a search found no passage. */
    fun whyNothing(question: String, where: Where?): String {
        val filter = where?.takeIf { it.isNotEmpty() }?.let { Filter(it) }
        var asked = 0L
        var known = 0L
        for (database in corpora.values) {
            val counts = database.fullText.known(question)
            asked += counts.first
            known += counts.second
        }
        return when {
            filter != null && corpora.values.all { it.where(filter).isEmpty() } -> "no passage is as the filter says"
            asked == 0L -> "the question holds no letters or digits that full text could look up"
            known == 0L -> "none of the question's words stands in a passage"
            filter != null -> "no passage that the filter allows holds a word of the question that tells passages apart"
            else -> "the question's words stand in more than half of the passages, or in none"
        }
    }

    /** Returns the passage that a ranking lists as [key], and the name of its corpus. */
    fun find(key: String): Pair<String, Passage> {
        corpora.entries.singleOrNull()?.let { return it.key to it.value.passage(key) }
        val name = key.substringBefore(Fusion.BETWEEN)
        val database = corpora[name] ?: throw BadRequestException("no bundle of this Rag is named $name: give an id of its answers.")
        return name to database.passage(key.substringAfter(Fusion.BETWEEN))
    }

    override fun close(): Unit = closeAll(corpora.values.toList())

    /** Of several corpora, ids come back as "name id". */
    private fun merge(depth: Int, check: () -> Unit, rank: (String, Database) -> List<Ranked>): List<Ranked> {
        val lists = corpora.mapValues { (name, database) ->
            check()
            rank(name, database)
        }
        lists.values.singleOrNull()?.let { return it }
        val named = lists.flatMap { (name, list) -> list.map { Ranked("$name${Fusion.BETWEEN}${it.id}", it.score) } }
        return named.sortedWith(Fusion.BEST_FIRST).take(depth)
    }
}
