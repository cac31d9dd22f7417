package dev.pocketrag.harness

import dev.pocketrag.runtime.Encoder
import dev.pocketrag.runtime.encoder.EmbeddingModel
import dev.pocketrag.runtime.engine.Platform
import dev.pocketrag.runtime.install.Bundle
import dev.pocketrag.runtime.search.Sql
import dev.pocketrag.runtime.text.clean
import dev.pocketrag.runtime.tokenizer.Tokenizer
import dev.pocketrag.runtime.tokenizer.loadTokenizer
import java.io.File
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.nio.file.Files
import java.util.Base64
import java.util.Collections
import java.util.UUID
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

    /** What was opened, in order: names of encoders, and of tokenizers' files; a model or a database that is open is in [open] too. */
    val opened: MutableList<String> = Collections.synchronizedList(ArrayList())
    val open: MutableList<String> = Collections.synchronizedList(ArrayList())

    /** A thread that must neither read a file nor run a model. */
    @Volatile
    var refused: Thread? = null

    /** Is called before a file is read, a model is run, or SQL is asked. */
    @Volatile
    var onWork: () -> Unit = {}
    private val slow = task.optLong("slow", 0)

    private fun work() {
        onWork()
        check(Thread.currentThread() !== refused) { "this blocks the calling thread" }
        if (slow > 0) Thread.sleep(slow)
    }

    override fun model(bundle: Bundle, encoder: Encoder): EmbeddingModel {
        work()
        opened += encoder.name
        val broken = task.opt("broken")
        val why = if (broken is JSONObject) broken.optString(encoder.name, null) else broken
        if (why != null) throw UnsatisfiedLinkError(why.toString())
        check(bundle.model(encoder).isFile)
        return Model(encoder.name, encoder.name in task.optJSONArray("failing")?.texts().orEmpty())
    }

    override val storage: File = if (task.has("root")) File(task.getString("root")) else File(TEMPORARY, UUID.randomUUID().toString())

    override fun sql(bundle: Bundle): Sql {
        task.optString("no_sqlite", null)?.let { throw UnsatisfiedLinkError(it) }
        work()
        val real = JdbcSql(bundle.database, task.optString("vec0", null))
        open += SQL
        return object : Sql by real {
            override fun query(statement: String, bindings: List<Any?>, onRow: (Sql.Row) -> Unit) {
                onWork()
                check(Thread.currentThread() !== refused) { "this blocks the calling thread" }
                real.query(statement, bindings, onRow)
            }

            override fun close() {
                real.close()
                open -= SQL
            }
        }
    }

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
            work()
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

/** Stands for a database in [Given.open]. */
internal const val SQL = "corpus.db"

private val TEMPORARY: File by lazy {
    val folder = Files.createTempDirectory("pocketrag").toFile()
    Runtime.getRuntime().addShutdownHook(Thread { folder.deleteRecursively() })
    folder
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
