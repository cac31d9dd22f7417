package dev.pocketrag.harness

import dev.pocketrag.runtime.Bundle
import dev.pocketrag.runtime.EmbeddingModel
import dev.pocketrag.runtime.Encoder
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
 * be wrong. `broken` is why models can't be opened: a text for all, or one by an encoder's name; `failing` the encoders whose models open
 * and then throw.
 */
internal class Given(private val task: JSONObject) : Platform {
    private val ids = task.optJSONArray("ids").rows().associate { it.getString(0) to it.getJSONArray(1).ints() }
    private val vectors = task.optJSONArray("vectors").rows().associate { it.getJSONArray(0).ints().toList() to floats(it.getString(1)) }

    /** What was opened, in order: names of encoders, and of tokenizers' files; a model that is open is in [open] too. */
    val opened = ArrayList<String>()
    val open = ArrayList<String>()

    override fun model(bundle: Bundle, encoder: Encoder): EmbeddingModel {
        opened += encoder.name
        val broken = task.opt("broken")
        val why = if (broken is JSONObject) broken.optString(encoder.name, null) else broken
        if (why != null) throw UnsatisfiedLinkError(why.toString())
        check(bundle.model(encoder).isFile)
        return Model(encoder.name, encoder.name in task.optJSONArray("failing")?.texts().orEmpty())
    }

    override fun sql(bundle: Bundle): Sql = JdbcSql(bundle.database, if (task.has("vec0")) task.getString("vec0") else null)

    override fun tokenizer(bundle: Bundle, encoder: Encoder): Tokenizer {
        opened += encoder.spec.tokenizer.file
        if (!task.has("ids")) return loadTokenizer(bundle.folder, encoder.spec.tokenizer)
        return Tokenizer { ids[clean(it)] ?: error("no ids were given for: $it") }
    }

    private inner class Model(private val name: String, private val failing: Boolean) : EmbeddingModel {
        private var closed = false

        init {
            open += name
        }

        override fun run(ids: IntArray): FloatArray {
            check(!closed) { "closed" }
            check(!failing) { "out of order" }
            return vectors[ids.toList()] ?: error("no vector was given for ${ids.toList()}")
        }

        override fun close() {
            closed = true
            open -= name
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
