package dev.pocketrag.runtime

import org.json.JSONArray
import org.json.JSONException
import org.json.JSONObject

/** The newest contract that this runtime keeps (android_assets/README.md); it reads all from 1 on. */
public const val CONTRACT: Int = 2
public const val MANIFEST: String = "manifest.json"
public const val DATABASE: String = "corpus.db"
public const val STATEMENTS: String = "search.sql"

/** The version of [DATABASE] that this runtime reads. */
internal const val SCHEMA: String = "2"

/** How a search ranks. */
public enum class Mode { DENSE, BM25, HYBRID }

/** One file of the bundle: its size in bytes and its SHA-256 as 64 hex digits. */
public data class BundleFile(public val bytes: Long, public val sha256: String)

/** `manifest.json`, as far as a phone needs it; of [encoders] the main one is the first. */
public data class Manifest(
    public val name: String,
    public val version: String,
    public val modelId: String,
    public val encoders: List<Encoder>,
    public val passages: Int,
    public val files: Map<String, BundleFile>,
) {
    /** The encoder that answers unless [RagOptions.start] says otherwise. */
    public val main: Encoder
        get() = encoders.first()

    /** Of the main encoder, as are [fusion] and [threshold]. */
    public val embedder: EmbedderSpec
        get() = main.spec
    public val fusion: FusionSpec
        get() = main.fusion
    public val threshold: Double?
        get() = main.threshold

    public companion object {
        private val SHA256 = Regex("[0-9a-f]{64}")

        /** As many hex digits of the model's SHA-256 end its id. */
        private const val DIGITS = 12

        /** The roles that a bundle may hold: the main encoder, and what stands in for it. */
        private val ORDERS = listOf(listOf(Role.MAIN), listOf(Role.MAIN, Role.FALLBACK))

        /**
         * Reads a manifest. Keys that this runtime does not know are left alone: a later build may write more.
         *
         * @throws WrongContractException it keeps another contract.
         * @throws BadManifestException it is no JSON object, or a key is missing or makes no sense.
         */
        public fun parse(text: String): Manifest {
            val root = json(text)
            val contract = root.opt("contract")
            if ((contract as? Int ?: 0) !in 1..CONTRACT) throw WrongContractException(contract)
            val manifest = Keys(root, "").run {
                manifest(if (contract == 1) listOf(onlyEncoder()) else parts("encoders").map { it.encoder() })
            }
            manifest.check()
            return manifest
        }

        private fun json(text: String): JSONObject =
            try {
                JSONObject(text)
            } catch (error: JSONException) {
                throw BadManifestException("no JSON object (${error.message})", error)
            }

        private fun Keys.manifest(encoders: List<Encoder>): Manifest =
            Manifest(
                name = text("name"),
                version = text("version"),
                modelId = text("model_id"),
                encoders = encoders,
                passages = part("counts").whole("passages"),
                files = part("files").let { files -> files.names().associateWith { files.part(it).file() } },
            )

        private fun Keys.file(): BundleFile {
            val sha256 = text("sha256")
            if (!SHA256.matches(sha256)) wrong("sha256")
            return BundleFile(long("bytes"), sha256)
        }

        private fun Manifest.check() {
            checkEncoders()
            files.keys.firstOrNull { !isPlain(it) }?.let { throw BadManifestException("the file name \"$it\" leaves the folder") }
            val needed = encoders.flatMap { listOf(it.file, it.golden, it.spec.tokenizer.file) } + DATABASE + STATEMENTS
            needed.firstOrNull { it !in files }?.let { throw BadManifestException("does not list $it") }
            // Equal names in manifest and database prove nothing if the model beside them is another one.
            val own = "$name-$version-${embedder.quantization}-${files.getValue(main.file).sha256.take(DIGITS)}"
            if (modelId != own) throw MismatchException("${main.file} is $own, but manifest and database name $modelId")
        }

        private fun Manifest.checkEncoders() {
            if (encoders.map { it.role } !in ORDERS) throw BadManifestException("`encoders` must be one main, then perhaps a fallback")
            if (encoders.distinctBy { it.name }.size < encoders.size) throw BadManifestException("`encoders` share a name, ${main.name}")
            val dims = encoders.map { it.spec.dims }
            if (dims.distinct().size > 1) throw BadManifestException("`encoders` must have the same dims: ${dims.joinToString()}")
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

    /** The objects of a list. */
    fun parts(key: String): List<Keys> {
        val row = values.opt(key) as? JSONArray ?: wrong(key)
        return List(row.length()) { Keys(row.opt(it) as? JSONObject ?: wrong(key), "$path$key[$it].") }
    }

    fun part(key: String): Keys = Keys(values.opt(key) as? JSONObject ?: wrong(key), "$path$key.")

    fun partOrNull(key: String): Keys? = if (values.isNull(key)) null else part(key)

    fun wrong(key: String): Nothing = wrong(key, if (values.has(key)) "is not what it must be" else "is missing")

    fun wrong(key: String, what: String): Nothing = throw BadManifestException("`$path$key` $what")
}
