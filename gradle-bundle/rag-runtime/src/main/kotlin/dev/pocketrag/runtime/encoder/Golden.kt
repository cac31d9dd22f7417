package dev.pocketrag.runtime.encoder

import dev.pocketrag.runtime.BadManifestException
import dev.pocketrag.runtime.Encoder
import dev.pocketrag.runtime.MismatchException
import dev.pocketrag.runtime.Mode
import dev.pocketrag.runtime.install.Bundle
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.util.Base64
import org.json.JSONArray
import org.json.JSONException
import org.json.JSONObject

/**
 * One golden text: [question] is null for a passage, [top] the ids of the best passages by mode; [twin] is the vector of the float model,
 * [shipped] that of the bundle's.
 */
internal class GoldenText(
    val question: String?,
    val prompted: String,
    val ids: IntArray,
    val twin: FloatArray,
    val shipped: FloatArray,
    val top: Map<Mode, List<String>>,
)

/** The golden file of one encoder. */
internal class Golden(val modelId: String, val texts: List<GoldenText>)

/**
 * @throws BadManifestException the file is not of this form.
 * @throws MismatchException it is another model's.
 */
internal fun Bundle.golden(encoder: Encoder): Golden {
    val model = manifest.modelId
    val golden = parseGolden(encoder.golden, text(encoder.golden))
    if (golden.modelId != model) throw MismatchException("${encoder.golden} is of ${golden.modelId}, the model is $model")
    return golden
}

private fun parseGolden(file: String, text: String): Golden =
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
        twin = floats(row.getString("twin")),
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
