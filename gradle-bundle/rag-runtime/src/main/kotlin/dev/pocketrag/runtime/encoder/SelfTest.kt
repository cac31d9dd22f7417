package dev.pocketrag.runtime.encoder

import dev.pocketrag.runtime.BadManifestException
import dev.pocketrag.runtime.Check
import dev.pocketrag.runtime.Encoder
import dev.pocketrag.runtime.Manifest
import dev.pocketrag.runtime.MismatchException
import dev.pocketrag.runtime.Mode
import dev.pocketrag.runtime.ModelException
import dev.pocketrag.runtime.search.Fusion
import dev.pocketrag.runtime.search.Retriever
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.util.Base64
import kotlin.math.sqrt
import org.json.JSONArray
import org.json.JSONException
import org.json.JSONObject

private const val TOP = 10

/** Models without int8 activations: ARM's kernels round those otherwise; they lie as near to the float model, but not as near to x86's. */
private val FLOAT = listOf("float32", "t32-a32-f32-h32")

/** Characters of a text that differs. */
private const val SHOWN = 60

/** One golden text; [question] is null for a passage, [top] the ids of the best passages by mode. */
internal class GoldenText(
    val question: String?,
    val prompted: String,
    val ids: IntArray,
    val shipped: FloatArray,
    val top: Map<Mode, List<String>>,
)

/** The golden file of one encoder. */
internal class Golden(val modelId: String, val texts: List<GoldenText>)

/** @throws BadManifestException it is not of this form; [file] is its name. */
internal fun parseGolden(file: String, text: String): Golden =
    try {
        val root = JSONObject(text)
        val rows = root.getJSONArray("texts")
        Golden(root.getString("model_id"), List(rows.length()) { goldenText(rows.getJSONObject(it)) })
    } catch (error: JSONException) {
        throw BadManifestException("$file can't be read (${error.message})", error)
    } catch (error: IllegalArgumentException) {
        throw BadManifestException("$file: a vector is not base64 (${error.message})", error)
    }

private fun goldenText(row: JSONObject): GoldenText {
    val top = row.getJSONObject("top")
    val ids = row.getJSONArray("ids")
    return GoldenText(
        question = if (row.isNull("question")) null else row.getString("question"),
        prompted = row.getString("prompted"),
        ids = IntArray(ids.length()) { ids.getInt(it) },
        shipped = floats(row.getString("shipped")),
        top = Mode.entries.associateWith { texts(top.optJSONArray(it.name.lowercase())) },
    )
}

/** Little-endian float32. */
private fun floats(base64: String): FloatArray {
    val bytes = ByteBuffer.wrap(Base64.getDecoder().decode(base64)).order(ByteOrder.LITTLE_ENDIAN)
    return FloatArray(bytes.remaining() / Float.SIZE_BYTES) { bytes.getFloat() }
}

private fun texts(array: JSONArray?): List<String> = if (array == null) emptyList() else List(array.length()) { array.getString(it) }

/**
 * Compares this phone with what the building machine wrote of one encoder: tokens, vectors, rankings. The limits of the agreement on
 * another processor are those of android_assets/README.md.
 */
internal class SelfTest(
    private val manifest: Manifest,
    private val encoder: Encoder,
    private val golden: Golden,
    private val retriever: Retriever,
    private val check: () -> Unit,
) {
    private val float = encoder.spec.quantization in FLOAT

    /**
     * @param open gives the encoder, or throws the [ModelException] of why it can't be used.
     * @throws MismatchException the golden file is another model's.
     */
    fun run(open: () -> Embedder): List<Check> {
        val model = manifest.modelId
        if (golden.modelId != model) throw MismatchException("${encoder.golden} is of ${golden.modelId}, the model is $model")
        return try {
            val embedder = open()
            listOf(tokens(embedder)) + cosines(embedder) + overlap(embedder)
        } catch (error: ModelException) {
            listOf(Check(encoder.name, "model", null, 1.0, 0, error.reason))
        }
    }

    /** The share of texts whose token ids are the golden ones; and whose prompts are. */
    private fun tokens(embedder: Embedder): Check {
        val wrong = golden.texts.filter { text ->
            val prompted = text.question?.let { embedder.spec.prompts.ask(it) } ?: text.prompted
            prompted != text.prompted || !embedder.ids(prompted).contentEquals(text.ids)
        }
        val detail = wrong.firstOrNull()?.let { "differs first: ${it.prompted.take(SHOWN)}" } ?: "same token ids"
        return figure("tokens", 1.0 - wrong.size.toDouble() / golden.texts.size, 1.0, golden.texts.size, detail)
    }

    private fun cosines(embedder: Embedder): List<Check> {
        val cosines = golden.texts.map {
            check()
            cosine(embedder.embed(it.ids), it.shipped)
        }
        val mean = if (cosines.isEmpty()) -1.0 else cosines.average()
        return listOf(
            figure("cosine", mean, if (float) 0.9999 else 0.997, cosines.size, "mean cosine to the shipped model's vectors"),
            figure("least cosine", cosines.minOrNull() ?: -1.0, if (float) 0.999 else 0.99, cosines.size, "of one text"),
        )
    }

    private fun overlap(embedder: Embedder): Check {
        val shares = golden.texts.filter { it.question != null }.flatMap { text ->
            check()
            val vector = embedder.embed(text.ids)
            text.top.filterValues { it.isNotEmpty() }.map { (mode, wanted) ->
                val how = encoder.fusion.copy(mode = mode)
                val found = retriever.rank(text.question.orEmpty(), vector, Fusion.DEPTH, how, null, check).ranked.take(TOP)
                (wanted.toSet() intersect found.map { it.id }.toSet()).size.toDouble() / wanted.size
            }
        }
        val mean = if (shares.isEmpty()) 0.0 else shares.average()
        return figure("ranking", mean, if (float) 0.98 else 0.95, shares.size, "mean top-$TOP overlap, all modes")
    }

    private fun figure(name: String, value: Double, limit: Double, n: Int, detail: String) =
        Check(encoder.name, name, value, limit, n, detail)

    /** -1 where it is no number. */
    private fun cosine(left: FloatArray, right: FloatArray): Double {
        if (left.size != right.size) return -1.0
        fun dot(a: FloatArray, b: FloatArray) = a.indices.sumOf { a[it].toDouble() * b[it] }
        val value = dot(left, right) / sqrt(dot(left, left) * dot(right, right))
        return if (value.isFinite()) value else -1.0
    }
}
