package dev.pocketrag.runtime

/** Why a bundle holds an encoder, in the order in which they are tried; and the names of its files, which go by the role. */
public enum class Role(public val file: String, public val golden: String) {
    /** Answers. */
    MAIN("embedder.tflite", "golden.json"),

    /** Answers where the main one can't be used, or where the app starts there: [RagOptions.start]. */
    FALLBACK("fallback.tflite", "fallback.golden.json"),
}

/** All that is needed to embed a text; [lengths] rise. */
public data class EmbedderSpec(
    public val dims: Int,
    public val lengths: List<Int>,
    public val quantization: String,
    public val prompts: Prompts,
    public val tokenizer: TokenizerSpec,
)

/** How the bundle is searched unless a search says otherwise; [fusion] is "scores" or "ranks". */
public data class FusionSpec(public val mode: Mode, public val fusion: String, public val denseWeight: Double)

/** One of a bundle's encoders: what turns a question into a vector that finds the bundle's passages. */
public data class Encoder(
    /** "full" is the quantized model that made the passages' vectors; any other is a student's. */
    public val name: String,
    public val role: Role,
    /** What it is made of: "full", "static", …. The runtime runs all kinds alike. */
    public val kind: String,
    public val spec: EmbedderSpec,
    public val fusion: FusionSpec,
    /** `abstention.threshold`; null where nobody measured it. */
    public val threshold: Double?,
) {
    /** Its model. */
    public val file: String
        get() = role.file

    /** What the building machine computed with it, for [Rag.selfTest]. */
    public val golden: String
        get() = role.golden
}

private val MODES = mapOf("dense" to Mode.DENSE, "bm25" to Mode.BM25, "hybrid" to Mode.HYBRID)
private val ROLES = Role.entries.associateBy { it.name.lowercase() }

/** What stands for the name and the kind of the only encoder of contract version 1. */
private const val FULL = "full"

/** Reads the encoder that a manifest of contract version 1 describes with keys of its own. */
internal fun Keys.onlyEncoder(): Encoder = encoder(FULL, Role.MAIN, FULL)

/** Reads one of `encoders` of contract version 2. */
internal fun Keys.encoder(): Encoder {
    val role = ROLES[text("role")] ?: wrong("role")
    if (text("file") != role.file) wrong("file")
    if (text("golden") != role.golden) wrong("golden")
    return encoder(text("name"), role, text("kind"))
}

private fun Keys.encoder(name: String, role: Role, kind: String): Encoder =
    Encoder(name, role, kind, part("embedder").embedder(), part("fusion").fusion(), partOrNull("abstention")?.number("threshold"))

private fun Keys.embedder(): EmbedderSpec =
    EmbedderSpec(
        dims = whole("dims"),
        lengths = wholes("lengths").also { if (it.isEmpty() || it != it.distinct().sorted()) wrong("lengths", "must rise") },
        quantization = text("quantization"),
        prompts = part("prompts").prompts(),
        tokenizer = part("tokenizer").let {
            TokenizerSpec(it.text("kind"), it.text("file"), it.wholeOrNull("bos"), it.wholeOrNull("eos"))
        },
    )

private fun Keys.prompts(): Prompts {
    val query = text("query")
    if ("{question}" !in query) wrong("query", "lacks {question}")
    return Prompts(query, text("document"), text("untitled"))
}

private fun Keys.fusion(): FusionSpec {
    val mode = MODES[text("mode")] ?: wrong("mode")
    val fusion = text("fusion")
    if (fusion !in Fusion.BY_NAME) wrong("fusion")
    return FusionSpec(mode, fusion, number("dense_weight"))
}
