package dev.pocketrag.runtime.search

import dev.pocketrag.runtime.BadDatabaseException
import dev.pocketrag.runtime.BadRequestException
import dev.pocketrag.runtime.Ranked
import dev.pocketrag.runtime.Where
import dev.pocketrag.runtime.text.Folding
import dev.pocketrag.runtime.text.clean
import org.json.JSONArray
import org.json.JSONObject

/** A filter as `search.sql` takes it: a JSON object of lists. */
internal class Filter(where: Where) {
    val json: String

    init {
        val rows = JSONObject()
        // Java may give null where Kotlin can't.
        for ((key: String?, values: List<Any?>?) in where) {
            if (key == null || values == null) throw BadRequestException("the filter \"$key\": null is no list of values.")
            rows.put(key, JSONArray(values.map { checked(key, it) }))
        }
        // Lone surrogates, which no text of a database holds; JSON writes NUL as an escape.
        json = clean(rows.toString())
    }

    private fun checked(key: String, value: Any?): Any =
        when (value) {
            is String, is Int, is Long, is Short, is Byte, is Boolean -> value
            else -> throw BadRequestException("the filter \"$key\": $value is no text, whole number or boolean.")
        }
}

/** BM25: all of it is SQL, the words are cut by FTS5 and their stems looked up in the table `words`. */
internal class FullText(private val sql: Sql, private val statements: Statements) {
    init {
        sql.query("PRAGMA temp_store = MEMORY")
        for (name in listOf("question", "question_words")) sql.query(statements[name])
    }

    /** Returns the FTS5 query of any text, null where the database knows none of its words. */
    fun match(question: String): String? {
        val phrases = JSONArray(Folding.phrases(clean(question), ask(question))).toString()
        var found: String? = null
        sql.query(statements["match"], listOf(Fusion.ENTRIES, phrases)) { if (!it.isNull(0)) found = it.text(0) }
        return found
    }

    /** Returns how many words a question has, and how many of them the passages have. */
    fun known(question: String): Pair<Long, Long> {
        ask(question)
        var found = 0L to 0L
        sql.query(statements["known"]) { found = it.long(0) to it.long(1) }
        return found
    }

    /**
     * Returns the best [limit] passages, higher scores are better; empty where no word is known.
     *
     * @throws BadDatabaseException the index is damaged.
     */
    fun bm25(question: String, limit: Int, filter: Filter?): List<Ranked> {
        val match = match(question) ?: return emptyList()
        val found = ArrayList<Ranked>()
        val (name, bindings) = if (filter == null) "bm25" to listOf(match, limit) else "bm25_where" to listOf(match, limit, filter.json)
        sql.query(statements[name], bindings) { row ->
            val score = if (row.isNull(1)) Double.NaN else row.double(1)
            if (!score.isFinite()) throw BadDatabaseException("BM25 is no number: the lengths in the full-text index are damaged")
            found += Ranked(row.text(0), score)
        }
        return found
    }

    private fun ask(question: String): String {
        val text = Folding.folded(clean(question))
        sql.query(statements["forget"])
        sql.query(statements["ask"], listOf(text))
        return text
    }
}
