package dev.pocketrag.runtime.search

import dev.pocketrag.runtime.BadDatabaseException
import dev.pocketrag.runtime.BadRequestException
import dev.pocketrag.runtime.Passage
import dev.pocketrag.runtime.install.SCHEMA
import java.io.Closeable
import org.json.JSONException
import org.json.JSONObject

/** `corpus.db` of schema version 2, its vectors in memory: one byte a passage and dim. */
internal class Database(private val sql: Sql, search: String) : Closeable {
    private val statements = Statements(search)
    private val metadata: Map<String, String> = readMetadata()
    val modelId: String = meta("model_id")
    val dims: Int
    val ids: List<String>
    private val rows: ByteArray
    val vectors: Int8Vectors
    val fullText: FullText

    init {
        checkVersion()
        dims = count("embedding_dim")
        val total = count("total_chunks")
        ids = ArrayList()
        rows = room(total, dims)
        readVectors(total)
        vectors = Int8Vectors(ids, rows, dims, scale())
        fullText = FullText(sql, statements)
    }

    /** Returns the ids of the passages whose metadata are as a filter says. */
    fun where(filter: Filter): Set<String> = HashSet<String>().also { found ->
        sql.query(statements["where"], listOf(filter.json)) { found += it.text(0) }
    }

    /** @throws BadRequestException it is not there. */
    fun passage(id: String): Passage =
        passages("passage", id).firstOrNull() ?: throw BadRequestException("there is no passage \"$id\": give an id of its answers.")

    /** Returns the passages of a section, in reading order. */
    fun section(parent: String): List<Passage> = passages("section", parent)

    /** Returns a passage and those of the same source on each side of it, in reading order. */
    fun neighbours(passage: Passage): List<Passage> = passages("neighbours", passage.n, 1, passage.source)

    /** Whether sqlite-vec's table is there. */
    fun hasVec0(): Boolean {
        var found = false
        sql.query("SELECT 1 FROM sqlite_master WHERE name = 'chunk_vec'") { found = true }
        return found
    }

    /** Returns [limit] candidates for a question from sqlite-vec's table; the extension must be loaded. */
    fun candidates(question: FloatArray, limit: Int): Set<String> = HashSet<String>().also { found ->
        sql.query(statements["nearest"], listOf(Quantized(question).bytes, limit)) { found += it.text(0) }
    }

    override fun close(): Unit = sql.close()

    private fun readMetadata(): Map<String, String> = HashMap<String, String>().also { found ->
        sql.query(statements["metadata"]) { found[it.text(0)] = it.text(1) }
    }

    private fun checkVersion() {
        val version = metadata["schema_version"]
        val advice = if ((version?.toIntOrNull() ?: 0) > SCHEMA.toInt()) "Update the app's rag-runtime." else "Build the bundle again."
        if (version != SCHEMA) bad("schema_version is $version, this runtime reads $SCHEMA. $advice")
    }

    private fun room(total: Int, dims: Int): ByteArray {
        val bytes = total.toLong() * dims
        if (bytes > Int.MAX_VALUE) bad("its $total vectors of $dims dims are more than one array holds")
        return try {
            ByteArray(bytes.toInt())
        } catch (error: OutOfMemoryError) {
            throw BadDatabaseException("the app has no $bytes bytes of memory for its $total vectors of $dims dims", error)
        }
    }

    private fun readVectors(total: Int) {
        var fit = true
        sql.query(statements["vectors"]) { row ->
            val vector = row.blob(1)
            fit = fit && vector.size == dims && ids.size < total
            if (fit) vector.copyInto(rows, ids.size * dims)
            (ids as ArrayList) += row.text(0)
        }
        if (!fit || ids.size != total) bad("chunk_vectors must hold $total blobs of $dims bytes, one a passage")
    }

    private fun passages(statement: String, vararg bindings: Any?): List<Passage> = ArrayList<Passage>().also { found ->
        sql.query(statements[statement], bindings.asList()) { found += passage(it) }
    }

    private fun passage(row: Sql.Row): Passage {
        fun text(column: Int) = if (row.isNull(column)) null else row.text(column)
        val at = 5 // the column `page` of the statements that give passages
        val page = if (row.isNull(at)) null else row.long(at)
        val metadata = text(at + 2).orEmpty()
        val id = row.text(1)
        try {
            JSONObject(metadata)
        } catch (error: JSONException) {
            throw BadDatabaseException("the metadata of passage \"$id\" are no JSON object", error)
        } catch (error: StackOverflowError) {
            throw BadDatabaseException("the metadata of passage \"$id\" are JSON within JSON, too deep to be any", error)
        }
        return Passage(row.long(0), id, row.text(2), row.text(3), text(at - 1), page, text(at + 1), metadata)
    }

    private fun meta(key: String): String = metadata[key] ?: bad("metadata lacks \"$key\"")

    private fun count(key: String): Int =
        meta(key).toIntOrNull()?.takeIf { it > 0 } ?: bad("metadata \"$key\" is ${meta(key)}, which is no count")

    private fun scale(): Double =
        meta("vector_scale").toDoubleOrNull()?.takeIf { it > 0 && it.isFinite() } ?: bad("metadata \"vector_scale\" is no scale")

    private fun bad(what: String): Nothing = throw BadDatabaseException(what)
}
