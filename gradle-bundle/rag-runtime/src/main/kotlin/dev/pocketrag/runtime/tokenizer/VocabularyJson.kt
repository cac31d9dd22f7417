package dev.pocketrag.runtime.tokenizer

import dev.pocketrag.runtime.CorruptTokenizerException
import org.json.JSONException
import org.json.JSONObject

/** A `tokenizer.json` apart: the vocabulary and the merges, which are long and are read piece by piece, and all else, [settings]. */
internal class VocabularyJson(private val file: String, private val content: ByteArray) {
    private var vocabulary = -1
    private var merges = -1

    val settings: JSONObject

    init {
        val rest = StringBuilder()
        var from = 0
        val json = JsonBytes(content)
        if (json.peek() == '{') json.members { part ->
            if (part == "model" && json.peek() == '{') json.members { name ->
                val start = json.skip()
                if (name == "vocab" || name == "merges") {
                    if (name == "vocab") vocabulary = start else merges = start
                    rest.append(String(content, from, start - from, Charsets.UTF_8)).append("0")
                    from = json.at
                }
            } else json.skip()
        }
        settings = JSONObject(rest.append(String(content, from, content.size - from, Charsets.UTF_8)).toString())
    }

    /** Calls [each] with every piece and id of a vocabulary that is an object. */
    fun ids(each: (String, Int) -> Unit) {
        val json = at(vocabulary, "vocab")
        json.members { piece -> each(piece, id(json.int(piece))) }
    }

    /** Calls [each] with every piece and score, in the order of ids. */
    fun scores(each: (String, Double) -> Unit) {
        val json = at(vocabulary, "vocab")
        json.elements {
            json.take('[')
            val piece = json.string()
            json.take(',')
            each(piece, scoreOf(json.number()))
            json.take(']')
        }
    }

    /** Calls [each] with the two pieces of every merge, the first one first: written as one string or as two. */
    fun merges(each: (String, String) -> Unit) {
        val json = at(merges, "merges")
        json.elements {
            if (json.peek() == '[') {
                json.take('[')
                val left = json.string()
                json.take(',')
                each(left, json.string())
                json.take(']')
            } else {
                val pair = json.string()
                each(pair.substringBefore(' '), pair.substringAfter(' '))
            }
        }
    }

    fun id(number: Int): Int = if (number >= 0) number else throw CorruptTokenizerException(file, "has the negative id $number")

    private fun at(at: Int, name: String): JsonBytes =
        if (at >= 0) JsonBytes(content, at) else throw JSONException("the model has no $name")
}

/**
 * A score as the `tokenizers` library reads it (serde_json, `f64_from_parts`): all digits as one number, then divided by a power of ten.
 *
 * That is not always the nearest number; of paths with nearly equal scores another one would win.
 */
internal fun scoreOf(number: String): Double {
    val exact = number.toBigDecimalOrNull() ?: throw JSONException("\"$number\" is no number")
    val digits = exact.unscaledValue()
    val shift = exact.scale()
    // More than 64 bits, or beyond the powers of ten of that library's table: no trainer writes such.
    if (digits.bitLength() > Long.SIZE_BITS || shift !in -LARGEST_POWER..LARGEST_POWER) return exact.toDouble()
    return if (shift < 0) digits.toDouble() * "1e${-shift}".toDouble() else digits.toDouble() / "1e$shift".toDouble()
}

private const val LARGEST_POWER = 308
