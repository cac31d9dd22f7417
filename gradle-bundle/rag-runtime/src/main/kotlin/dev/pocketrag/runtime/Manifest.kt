package dev.pocketrag.runtime

import org.json.JSONArray
import org.json.JSONException
import org.json.JSONObject

/** The contract that this runtime keeps (android_assets/README.md). */
public const val CONTRACT: Int = 1
public const val MANIFEST: String = "manifest.json"
public const val MODEL: String = "embedder.tflite"
public const val DATABASE: String = "corpus.db"
public const val STATEMENTS: String = "search.sql"

/** The version of [DATABASE] that this runtime reads. */
internal const val SCHEMA: String = "2"
public const val GOLDEN: String = "golden.json"

/** How a search ranks. */
public enum class Mode { DENSE, BM25, HYBRID }

/** One file of the bundle: its size in bytes and its SHA-256 as 64 hex digits. */
public data class BundleFile(public val bytes: Long, public val sha256: String)

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

/** `manifest.json`, as far as a phone needs it; [threshold] is `abstention.threshold`, null where nobody measured it. */
public data class Manifest(
    public val name: String,
    public val version: String,
    public val modelId: String,
    public val embedder: EmbedderSpec,
    public val fusion: FusionSpec,
    public val threshold: Double?,
    public val passages: Int,
    public val files: Map<String, BundleFile>,
) {
    public companion object {
        private val KINDS = mapOf("dense" to Mode.DENSE, "bm25" to Mode.BM25, "hybrid" to Mode.HYBRID)
        private val SHA256 = Regex("[0-9a-f]{64}")

        /** As many hex digits of the model's SHA-256 end its id. */
        private const val DIGITS = 12

        /**
         * Reads a manifest. Keys that this runtime does not know are left alone: a later build may write more.
         *
         * @throws WrongContractException it keeps another contract.
         * @throws BadManifestException it is no JSON object, or a key is missing or makes no sense.
         */
        public fun parse(text: String): Manifest {
            val root = json(text)
            val contract = root.opt("contract")
            if (contract != CONTRACT) throw WrongContractException(contract)
            val manifest = Keys(root, "").manifest()
            manifest.check()
            return manifest
        }

        private fun json(text: String): JSONObject =
            try {
                JSONObject(text)
            } catch (error: JSONException) {
                throw BadManifestException("no JSON object (${error.message})", error)
            }

        private fun Keys.manifest(): Manifest =
            Manifest(
                name = text("name"),
                version = text("version"),
                modelId = text("model_id"),
                embedder = part("embedder").embedder(),
                fusion = part("fusion").fusion(),
                threshold = partOrNull("abstention")?.number("threshold"),
                passages = part("counts").whole("passages"),
                files = part("files").let { files -> files.names().associateWith { files.part(it).file() } },
            )

        private fun Keys.embedder(): EmbedderSpec =
            EmbedderSpec(
                dims = whole("dims"),
                lengths = wholes("lengths"),
                quantization = text("quantization"),
                prompts = part("prompts").let { Prompts(it.text("query"), it.text("document"), it.text("untitled")) },
                tokenizer = part("tokenizer").let {
                    TokenizerSpec(it.text("kind"), it.text("file"), it.wholeOrNull("bos"), it.wholeOrNull("eos"))
                },
            )

        private fun Keys.fusion(): FusionSpec {
            val mode = KINDS[text("mode")] ?: wrong("mode")
            val fusion = text("fusion")
            if (fusion !in Fusion.BY_NAME) wrong("fusion")
            return FusionSpec(mode, fusion, number("dense_weight"))
        }

        private fun Keys.file(): BundleFile {
            val sha256 = text("sha256")
            if (!SHA256.matches(sha256)) wrong("sha256")
            return BundleFile(long("bytes"), sha256)
        }

        private fun Manifest.check() {
            val lengths = embedder.lengths
            if (lengths.isEmpty() || lengths != lengths.distinct().sorted()) throw BadManifestException("`embedder.lengths` must rise")
            if ("{question}" !in embedder.prompts.query) throw BadManifestException("`embedder.prompts.query` lacks {question}")
            files.keys.firstOrNull { !isPlain(it) }?.let { throw BadManifestException("the file name \"$it\" leaves the folder") }
            listOf(MODEL, DATABASE, STATEMENTS, GOLDEN, embedder.tokenizer.file).firstOrNull { it !in files }
                ?.let { throw BadManifestException("does not list $it") }
            // Equal names in manifest and database prove nothing if the model beside them is another one.
            val own = "$name-$version-${embedder.quantization}-${files.getValue(MODEL).sha256.take(DIGITS)}"
            if (modelId != own) throw MismatchException("$MODEL is $own, but manifest and database name $modelId")
        }

        private fun isPlain(name: String): Boolean = name !in listOf("", ".", "..") && name.none { it in "/\\\u0000" }
    }
}

/** A JSON object whose keys must be there with the right type: org.json by itself turns "1" into 1 and 1 into "1". */
internal class Keys(private val values: JSONObject, private val path: String) {
    fun names(): List<String> = values.keys().asSequence().map { it.toString() }.sorted().toList()

    fun text(key: String): String = values.opt(key) as? String ?: wrong(key)

    fun whole(key: String): Int = (values.opt(key) as? Int)?.takeIf { it > 0 } ?: wrong(key)

    fun wholeOrNull(key: String): Int? = if (values.isNull(key)) null else values.opt(key) as? Int ?: wrong(key)

    fun long(key: String): Long = values.opt(key).let { (it as? Int)?.toLong() ?: it as? Long }?.takeIf { it >= 0 } ?: wrong(key)

    fun number(key: String): Double = (values.opt(key) as? Number)?.toDouble()?.takeIf { it.isFinite() } ?: wrong(key)

    fun wholes(key: String): List<Int> {
        val row = values.opt(key) as? JSONArray ?: wrong(key)
        return List(row.length()) { (row.opt(it) as? Int)?.takeIf { n -> n > 0 } ?: wrong(key) }
    }

    fun part(key: String): Keys = Keys(values.opt(key) as? JSONObject ?: wrong(key), "$path$key.")

    fun partOrNull(key: String): Keys? = if (values.isNull(key)) null else part(key)

    fun wrong(key: String): Nothing {
        val what = if (values.has(key)) "not what it must be" else "missing"
        throw BadManifestException("`$path$key` is $what")
    }
}
