package dev.pocketrag.runtime.search

import dev.pocketrag.runtime.Ranked
import dev.pocketrag.runtime.text.CodePoints

/** How the dense and the BM25 list become one; all in float64, the dense part first, so that every platform ranks alike. */
internal object Fusion {
    /** How deep each list is looked at. */
    const val DEPTH = 100

    /** How many entries of the index a question may read (docs/index.md, "How it grows"); desktop and phone must agree. */
    const val ENTRIES: Int = 20_000

    /** Stands between a corpus's name and a passage's id; neither holds white space. */
    const val BETWEEN: String = " "

    /** The constant of reciprocal rank fusion: Cormack, Clarke & Büttcher 2009, https://doi.org/10.1145/1571941.1572114. */
    private const val RRF = 60

    /** Best first; ties by id. Plain comparison, not `compareTo`: 0.0 and -0.0 are equal. */
    val BEST_FIRST: Comparator<Ranked> = Comparator { left, right ->
        when {
            left.score > right.score -> -1
            left.score < right.score -> 1
            else -> CodePoints.compare(left.id, right.id)
        }
    }

    /** Adds both lists' min-max normalised scores, weighted; absent from a list counts 0. */
    fun scores(dense: List<Ranked>, lexical: List<Ranked>, denseWeight: Double): List<Ranked> =
        sum(normalized(dense) to denseWeight, normalized(lexical) to 1.0 - denseWeight) { weight, _, score -> weight * score }

    /** Adds weight / (60 + rank) over both lists, rank from 1; absent from a list counts 0. */
    fun ranks(dense: List<Ranked>, lexical: List<Ranked>, denseWeight: Double): List<Ranked> =
        sum(dense to denseWeight, lexical to 1.0 - denseWeight) { weight, rank, _ -> weight / (RRF + rank) }

    /** By the name that a manifest says; what joins two lists, best first: dense, BM25, the weight of the dense one. */
    val BY_NAME: Map<String, (List<Ranked>, List<Ranked>, Double) -> List<Ranked>> = mapOf(
        "scores" to { dense, lexical, weight -> scores(dense, lexical, weight) },
        "ranks" to { dense, lexical, weight -> ranks(dense, lexical, weight) },
    )

    private fun sum(vararg lists: Pair<List<Ranked>, Double>, part: (Double, Int, Double) -> Double): List<Ranked> {
        val scores = LinkedHashMap<String, Double>()
        for ((list, weight) in lists) {
            list.forEachIndexed { i, one -> scores[one.id] = (scores[one.id] ?: 0.0) + part(weight, i + 1, one.score) }
        }
        return scores.map { (id, score) -> Ranked(id, score) }.sortedWith(BEST_FIRST)
    }

    private fun normalized(list: List<Ranked>): List<Ranked> {
        val low = list.lastOrNull()?.score ?: return list
        val high = list.first().score
        return list.map { Ranked(it.id, if (high > low) (it.score - low) / (high - low) else 1.0) }
    }
}
