package dev.pocketrag.runtime

/** How many passages a search returns unless it says otherwise. */
internal const val LIMIT: Int = 10

/** A metadata key -> the values (texts, whole numbers, booleans) of which a passage must have one there. */
public typealias Where = Map<String, List<Any>>

/** A passage as `corpus.db` holds it; [n] - 1 and [n] + 1 are its neighbours, [metadata] is a JSON object. */
public data class Passage(
    public val n: Long,
    public val id: String,
    public val title: String,
    public val text: String,
    public val source: String?,
    public val page: Long?,
    public val parent: String?,
    public val metadata: String,
)

/** One passage found. */
public data class Hit(
    /** 1 is the best. */
    public val rank: Int,
    /** Cosine (dense), BM25 score, or the fused score (hybrid): at most 1. */
    public val score: Double,
    /** Its place by vectors alone; null where it was not among the first, or vectors played no part. */
    public val denseRank: Int?,
    /** The same by full text alone. */
    public val bm25Rank: Int?,
    /** Its cosine with the question, at most 1; null where it was not among the first by vectors. */
    public val cosine: Double?,
    /** The name of the bundle that it is from. */
    public val corpus: String,
    public val passage: Passage,
)

/** The passages found for one question, best first. */
public data class Answer(
    public val question: String,
    /** How was ranked: not always what was asked for, see [fellBack]. */
    public val mode: Mode,
    public val hits: List<Hit>,
    /** Why the encoder that was asked first did not answer, and what did: [encoder] or full text alone. Tell the user. */
    public val fellBack: String?,
    /** The best passage's cosine; null where vectors played no part. */
    public val best: Double?,
    /** Below which [best] means that the corpus probably holds no answer; null where nobody measured it or gave one. */
    public val threshold: Double?,
    /** Why there are no hits, in English; null where there are some. */
    public val nothing: String? = null,
    /** The name of the encoder that made the question's vector; null where full text alone answered. */
    public val encoder: String? = null,
    /** What that encoder was opened on, as far as LiteRT tells: see [Accelerator]. Null where full text alone answered. */
    public val accelerator: Accelerator? = null,
    /** Why the CPU computed where [RagOptions.accelerator] is another, in English; null where the CPU was asked for, or did not compute. */
    public val whyCpu: String? = null,
    /** Of the bundle that answered, of several the first: which build, for an app that compares two. */
    public val version: String = "",
    public val modelId: String = "",
) {
    /** Whether the app had better say that it does not know. */
    public val abstain: Boolean
        get() = best != null && threshold != null && best < threshold
}

/** One line of a ranking. */
public data class Ranked(public val id: String, public val score: Double)

/** Passages of one source that follow each other, in reading order: what a generator is fed. */
public data class Block(
    /** Of the best hit among them. */
    public val rank: Int,
    public val corpus: String,
    public val source: String?,
    /** Of the first of them. */
    public val title: String,
    /** Theirs, joined by an empty line. */
    public val text: String,
    public val ids: List<String>,
    public val tokens: Int,
)
