package dev.pocketrag.runtime.install

import dev.pocketrag.runtime.BadManifestException
import dev.pocketrag.runtime.RagException
import org.json.JSONArray
import org.json.JSONObject

/**
 * A JSON object whose keys must be there with the right type: org.json by itself turns "1" into 1 and 1 into "1".
 *
 * @param bad makes the exception of what is wrong.
 */
internal class Keys(
    private val values: JSONObject,
    private val path: String,
    private val bad: (String) -> RagException = { BadManifestException(it) },
) {
    fun names(): List<String> = values.keys().asSequence().map { it.toString() }.sorted().toList()

    fun text(key: String): String = values.opt(key) as? String ?: wrong(key)

    fun textOrNull(key: String): String? = if (values.isNull(key)) null else text(key)

    /** A SHA-256 as 64 hex digits. */
    fun sha256(key: String): String = text(key).takeIf(SHA256::matches) ?: wrong(key)

    fun bundleFile(): BundleFile = BundleFile(long("bytes"), sha256("sha256"))

    fun whole(key: String): Int = (values.opt(key) as? Int)?.takeIf { it > 0 } ?: wrong(key)

    fun wholeOrNull(key: String): Int? = if (values.isNull(key)) null else values.opt(key) as? Int ?: wrong(key)

    fun long(key: String): Long = values.opt(key).let { (it as? Int)?.toLong() ?: it as? Long }?.takeIf { it >= 0 } ?: wrong(key)

    fun number(key: String): Double = (values.opt(key) as? Number)?.toDouble()?.takeIf { it.isFinite() } ?: wrong(key)

    fun wholes(key: String): List<Int> {
        val row = values.opt(key) as? JSONArray ?: wrong(key)
        return List(row.length()) { (row.opt(it) as? Int)?.takeIf { n -> n > 0 } ?: wrong(key) }
    }

    fun texts(key: String): List<String> {
        val row = values.opt(key) as? JSONArray ?: wrong(key)
        return List(row.length()) { row.opt(it) as? String ?: wrong(key) }
    }

    /** The objects of a list. */
    fun parts(key: String): List<Keys> {
        val row = values.opt(key) as? JSONArray ?: wrong(key)
        return List(row.length()) { Keys(row.opt(it) as? JSONObject ?: wrong(key), "$path$key[$it].", bad) }
    }

    fun part(key: String): Keys = Keys(values.opt(key) as? JSONObject ?: wrong(key), "$path$key.", bad)

    fun partOrNull(key: String): Keys? = if (values.isNull(key)) null else part(key)

    fun wrong(key: String): Nothing = wrong(key, if (values.has(key)) "is not what it must be" else "is missing")

    fun wrong(key: String, what: String): Nothing = throw bad("`$path$key` $what")

    private companion object {
        private val SHA256 = Regex("[0-9a-f]{64}")
    }
}
