package dev.pocketrag.answer.engine

import dev.pocketrag.answer.TiersException
import org.json.JSONArray
import org.json.JSONException
import org.json.JSONObject
import org.json.JSONTokener

private const val MOST = 1_000_000_000_000_000L

/** A JSON object with these keys and no other, of which no value is taken for one of another type. */
internal class StrictJson(private val where: String, value: Any?, keys: Set<String>?) {
    private val json = value as? JSONObject ?: throw TiersException("$where: not an object; write the tiers again.")

    /** As they stand there. */
    val names: List<String> = json.keys().asSequence().map { it.toString() }.toList()

    init {
        val wrong = if (keys == null) null else (names.toSet() + keys).firstOrNull { (it in keys) != json.has(it) }
        if (wrong != null) refuse(wrong, "unknown or missing")
    }

    fun text(key: String, pattern: Regex): String {
        val found = json.get(key) as? String ?: refuse(key, "not a text")
        return if (pattern.matches(found)) found else refuse(key, "not as it must be")
    }

    /** A whole number of at least 0. */
    fun count(key: String, least: Long = 0, most: Long = MOST): Long {
        val found = json.get(key)
        val count = (found as? Int)?.toLong() ?: found as? Long ?: refuse(key, "not a whole number")
        return if (count in least..most) count else refuse(key, "not from $least to $most")
    }

    fun flag(key: String): Boolean = json.get(key) as? Boolean ?: refuse(key, "neither true nor false")

    fun number(key: String, least: Double, most: Double): Double = number(json.get(key), key, least, most)

    fun numbers(key: String, least: Double, most: Double): List<Double> = list(key).map { number(it, key, least, most) }

    fun list(key: String): List<Any?> {
        val found = json.get(key) as? JSONArray ?: refuse(key, "not a list")
        return (0 until found.length()).map { found.get(it) }
    }

    fun inner(key: String, keys: Set<String>?): StrictJson = StrictJson("$where: $key", json.get(key), keys)

    /** What `read` makes of a value; null where it is null. */
    fun <T> orNull(key: String, read: () -> T): T? = if (json.isNull(key)) null else read()

    fun refuse(key: String, what: String): Nothing = throw TiersException("$where: `$key` is $what; write the tiers again.")

    private fun number(found: Any?, key: String, least: Double, most: Double): Double {
        val number = (found as? Number)?.toDouble() ?: refuse(key, "not a number")
        return if (number in least..most) number else refuse(key, "not from $least to $most")
    }

    companion object {
        /** Reads a text that is one object and nothing else. */
        fun of(where: String, text: String, keys: Set<String>): StrictJson {
            val tokens = JSONTokener(text)
            try {
                return StrictJson(where, tokens.nextValue().also { if (tokens.nextClean() != END) throw tokens.syntaxError("more") }, keys)
            } catch (error: JSONException) {
                throw TiersException("$where: not JSON (${error.message}); write the tiers again.", error)
            }
        }

        private const val END = '\u0000'
    }
}
