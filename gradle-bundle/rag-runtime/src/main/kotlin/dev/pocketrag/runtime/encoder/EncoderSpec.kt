package dev.pocketrag.runtime.encoder

import dev.pocketrag.runtime.Encoder
import dev.pocketrag.runtime.Mode
import dev.pocketrag.runtime.Role
import dev.pocketrag.runtime.install.Keys
import dev.pocketrag.runtime.search.Fusion
import dev.pocketrag.runtime.tokenizer.TokenizerSpec

/** All that is needed to embed a text; [lengths] rise. */
internal class EmbedderSpec(
    val dims: Int,
    val lengths: List<Int>,
    val quantization: String,
    val prompts: Prompts,
    val tokenizer: TokenizerSpec,
)

/** How the bundle is searched unless a search says otherwise; [fusion] is "scores" or "ranks". */
internal data class FusionSpec(val mode: Mode, val fusion: String, val denseWeight: Double)

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
            TokenizerSpec(it.text("kind"), it.text("file"), it.wholeOrNull("bos"), it.wholeOrNull("eos"), it.wholeOrNull("pad") ?: 0)
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
