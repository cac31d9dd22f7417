package dev.pocketrag.harness

import dev.pocketrag.runtime.Bundle
import dev.pocketrag.runtime.EmbeddingModel
import dev.pocketrag.runtime.Platform
import dev.pocketrag.runtime.Sql
import dev.pocketrag.runtime.Tokenizer
import dev.pocketrag.runtime.clean
import dev.pocketrag.runtime.loadTokenizer
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.util.Base64
import org.json.JSONArray
import org.json.JSONObject

/**
 * What stands in for LiteRT on the JVM: token ids -> vector, as Python computed them. With `ids` also text -> token ids, for what must
 * be wrong.
 */
internal class Given(private val task: JSONObject) : Platform {
    private val ids = task.optJSONArray("ids").rows().associate { it.getString(0) to it.getJSONArray(1).ints() }
    private val vectors = task.optJSONArray("vectors").rows().associate { it.getJSONArray(0).ints().toList() to floats(it.getString(1)) }

    override fun model(bundle: Bundle): EmbeddingModel {
        if (task.has("broken")) throw UnsatisfiedLinkError(task.getString("broken"))
        return Model()
    }

    override fun sql(bundle: Bundle): Sql = JdbcSql(bundle.database, if (task.has("vec0")) task.getString("vec0") else null)

    override fun tokenizer(bundle: Bundle): Tokenizer =
        if (task.has("ids")) {
            Tokenizer { ids[clean(it)] ?: error("no ids were given for: $it") }
        } else {
            loadTokenizer(bundle.folder, bundle.manifest.embedder.tokenizer)
        }

    private inner class Model : EmbeddingModel {
        private var closed = false

        override fun run(ids: IntArray): FloatArray {
            check(!closed) { "closed" }
            return vectors[ids.toList()] ?: error("no vector was given for ${ids.toList()}")
        }

        override fun close() {
            closed = true
        }
    }
}

internal fun JSONArray?.rows(): List<JSONArray> = this?.let { List(length()) { i -> getJSONArray(i) } }.orEmpty()

internal fun JSONArray?.objects(): List<JSONObject> = this?.let { List(length()) { i -> getJSONObject(i) } }.orEmpty()

internal fun JSONArray.ints(): IntArray = IntArray(length()) { getInt(it) }

internal fun JSONArray.texts(): List<String> = List(length()) { getString(it) }

internal fun bytes(base64: String): ByteArray = Base64.getDecoder().decode(base64)

/** Little-endian float32. */
internal fun floats(base64: String): FloatArray {
    val buffer = ByteBuffer.wrap(bytes(base64)).order(ByteOrder.LITTLE_ENDIAN)
    return FloatArray(buffer.remaining() / Float.SIZE_BYTES) { buffer.getFloat() }
}
