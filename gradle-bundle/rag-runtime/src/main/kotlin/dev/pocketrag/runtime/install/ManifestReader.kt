package dev.pocketrag.runtime.install

import dev.pocketrag.runtime.BadManifestException
import dev.pocketrag.runtime.Encoder
import dev.pocketrag.runtime.Manifest
import dev.pocketrag.runtime.MismatchException
import dev.pocketrag.runtime.Role
import dev.pocketrag.runtime.WrongContractException
import dev.pocketrag.runtime.encoder.encoder
import dev.pocketrag.runtime.encoder.onlyEncoder
import org.json.JSONException
import org.json.JSONObject

/** The newest contract that this runtime keeps (android_assets/README.md); it reads all from 1 on. */
internal const val CONTRACT: Int = 2
internal const val MANIFEST: String = "manifest.json"
internal const val DATABASE: String = "corpus.db"
internal const val STATEMENTS: String = "search.sql"

/** The version of [DATABASE] that this runtime reads. */
internal const val SCHEMA: String = "2"

/** One file of the bundle: its size in bytes and its SHA-256 as 64 hex digits. */
internal class BundleFile(val bytes: Long, val sha256: String)

/** Reads `manifest.json`. */
internal object ManifestReader {
    /** As recipes allow it: it becomes the name of a folder, and stands before a passage's id. */
    private val NAME = Regex("[a-z0-9][a-z0-9_-]{0,62}")

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
    fun parse(bytes: ByteArray): Manifest {
        val root = json(bytes.toString(Charsets.UTF_8))
        val contract = root.opt("contract")
        if ((contract as? Int ?: 0) !in 1..CONTRACT) throw WrongContractException(contract)
        val manifest = Keys(root, "").run {
            manifest(Sha256.of(bytes), if (contract == 1) listOf(onlyEncoder()) else parts("encoders").map { it.encoder() })
        }
        manifest.check()
        return manifest
    }

    private fun json(text: String): JSONObject =
        try {
            JSONObject(text)
        } catch (error: JSONException) {
            throw BadManifestException("no JSON object (${error.message})", error)
        } catch (error: StackOverflowError) {
            throw BadManifestException("JSON within JSON, too deep to be a manifest", error)
        }

    private fun Keys.manifest(sha256: String, encoders: List<Encoder>): Manifest =
        Manifest(
            name = text("name"),
            version = text("version"),
            modelId = text("model_id"),
            encoders = encoders,
            passages = part("counts").whole("passages"),
            // Bundles built before it was written name the model that asks in both places.
            vectorsId = partOrNull("vectors")?.textOrNull("model_id") ?: text("model_id"),
            sha256 = sha256,
            files = part("files").let { files -> files.names().associateWith { files.part(it).bundleFile() } },
        )

    private fun Manifest.check() {
        if (!NAME.matches(name)) throw BadManifestException("the name \"$name\" is none: small letters, digits, _ and -")
        checkEncoders()
        files.keys.firstOrNull { !isPlain(it) }?.let { throw BadManifestException("the file name \"$it\" leaves the folder") }
        val needed = encoders.flatMap { listOf(it.file, it.golden, it.spec.tokenizer.file) } + DATABASE + STATEMENTS
        needed.firstOrNull { it !in files }?.let { throw BadManifestException("does not list $it") }
        val own = "$name-$version-${embedder.quantization}-${files.getValue(main.file).sha256.take(DIGITS)}"
        if (modelId != own) throw MismatchException("${main.file} is $own, but the manifest names $modelId")
    }

    private fun Manifest.checkEncoders() {
        if (encoders.map { it.role } !in ORDERS) throw BadManifestException("`encoders` must be one main, then perhaps a fallback")
        if (encoders.distinctBy { it.name }.size < encoders.size) throw BadManifestException("`encoders` share a name, ${main.name}")
        val dims = encoders.map { it.spec.dims }
        if (dims.distinct().size > 1) throw BadManifestException("`encoders` must have the same dims: ${dims.joinToString()}")
    }

}

/** Whether a name is one of a file in its folder. */
internal fun isPlain(name: String): Boolean = name !in listOf("", ".", "..") && name.none { it in "/\\\u0000" }
