package dev.pocketrag.runtime.tokenizer

import dev.pocketrag.runtime.CorruptTokenizerException
import dev.pocketrag.runtime.UnsupportedTokenizerException
import org.json.JSONArray
import org.json.JSONException
import org.json.JSONObject

/** Reads a `tokenizer.json` of the `tokenizers` library: WordPiece, Unigram or byte-level BPE; what is not done as there is refused. */
internal fun readTokenizerJson(content: ByteArray, spec: TokenizerSpec): Tokenizer {
    if (!isUtf8(content)) throw CorruptTokenizerException(spec.file, "is not UTF-8")
    try {
        return TokenizerReader(spec.file, VocabularyJson(spec.file, content)).read()
    } catch (error: JSONException) {
        throw CorruptTokenizerException(spec.file, "is no whole tokenizer.json (${error.message?.take(MESSAGE)})", error)
    } catch (error: NumberFormatException) { // org.json's, of a \u escape that is none
        throw CorruptTokenizerException(spec.file, "is no whole tokenizer.json (${error.message?.take(MESSAGE)})", error)
    } catch (error: StackOverflowError) { // the parser calls itself for each bracket
        throw CorruptTokenizerException(spec.file, "is nested too deeply", error)
    }
}

/** A JSON error's message may quote the file. */
private const val MESSAGE = 200

private class TokenizerReader(private val file: String, private val json: VocabularyJson) {
    private val settings = json.settings

    fun read(): Tokenizer {
        val normalizer = readNormalizer(file, settings.optJSONObject("normalizer"))
        val model = readModel(file, json)
        val (before, after) = settings.optJSONObject("post_processor")?.let(::around) ?: NOTHING
        val added = objects(settings.getJSONArray("added_tokens"))
        val (late, early) = added.partition { it.getBoolean("normalized") }
        return JsonTokenizer(
            AddedTokens(early.map { token(it, model.ids, it.getString("content")) }), normalizer,
            AddedTokens(late.map { token(it, model.ids, String(normalizer.normalize(it.getString("content").toCharArray()))) }),
            model.tokens, before, after,
        )
    }

    private fun token(json: JSONObject, ids: (String) -> Int, found: String): AddedToken {
        val content = json.getString("content")
        val odd = listOf("single_word", "rstrip").firstOrNull { json.getBoolean(it) }
        if (odd != null) throw unsupported("$odd for the added token \"$content\"")
        return AddedToken(found, ids(content).let { if (it < 0) id(json.getInt("id")) else it }, json.getBoolean("lstrip"))
    }

    /** The ids before and after those of a text. */
    private fun around(processor: JSONObject): Pair<IntArray, IntArray> = when (val type = processor.optString("type")) {
        "BertProcessing", "RobertaProcessing" -> pair(processor.getJSONArray("cls")) to pair(processor.getJSONArray("sep"))
        "TemplateProcessing" -> single(processor)
        "ByteLevel" -> NOTHING // it moves offsets alone
        "Sequence" -> {
            val steps = objects(processor.getJSONArray("processors")).filter { it.optString("type") != "ByteLevel" }
            if (steps.size > 1) throw unsupported("a sequence of post-processors")
            steps.firstOrNull()?.let(::around) ?: NOTHING
        }
        else -> throw unsupported("the post-processor $type")
    }

    private fun pair(token: JSONArray): IntArray = intArrayOf(id(token.getInt(1)))

    private fun single(processor: JSONObject): Pair<IntArray, IntArray> {
        val special = processor.getJSONObject("special_tokens")
        val parts = objects(processor.getJSONArray("single"))
        val text = parts.indices.singleOrNull { parts[it].has("Sequence") } ?: throw unsupported("a template without one text")
        val ids = { part: JSONObject -> idsOf(special.getJSONObject(part.getJSONObject("SpecialToken").getString("id"))) }
        return parts.take(text).flatMap(ids).toIntArray() to parts.drop(text + 1).flatMap(ids).toIntArray()
    }

    private fun idsOf(token: JSONObject): List<Int> {
        val ids = token.getJSONArray("ids")
        return List(ids.length()) { id(ids.getInt(it)) }
    }

    private fun id(number: Int): Int = json.id(number)

    private fun unsupported(feature: String) = UnsupportedTokenizerException(file, feature)
}

internal fun objects(array: JSONArray): List<JSONObject> = List(array.length()) { array.getJSONObject(it) }

private val NOTHING = IntArray(0) to IntArray(0)
