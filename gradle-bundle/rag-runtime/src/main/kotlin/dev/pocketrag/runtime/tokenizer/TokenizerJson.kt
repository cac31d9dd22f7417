package dev.pocketrag.runtime.tokenizer

import dev.pocketrag.runtime.CorruptTokenizerException
import dev.pocketrag.runtime.UnsupportedTokenizerException
import java.nio.ByteBuffer
import java.nio.charset.CharacterCodingException
import org.json.JSONArray
import org.json.JSONException
import org.json.JSONObject

/** Reads a `tokenizer.json` of the `tokenizers` library: BERT's kind, as MiniLM, BGE and E5 have it; another kind is refused. */
internal fun readWordPiece(content: ByteArray, spec: TokenizerSpec): Tokenizer {
    try {
        val text = Charsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content)).toString()
        return WordPiece(WordPieceReader(spec.file, JSONObject(text)).read())
    } catch (error: CharacterCodingException) {
        throw CorruptTokenizerException(spec.file, "is not UTF-8", error)
    } catch (error: JSONException) {
        throw CorruptTokenizerException(spec.file, "is no whole tokenizer.json (${error.message?.take(MESSAGE)})", error)
    } catch (error: StackOverflowError) { // the parser calls itself for each bracket
        throw CorruptTokenizerException(spec.file, "is nested too deeply", error)
    }
}

/** A JSON error's message may quote the file. */
private const val MESSAGE = 200
private const val WORD_PIECE = "WordPiece"

private class WordPieceReader(private val file: String, private val json: JSONObject) {
    private val model = json.getJSONObject("model")

    fun read(): WordPieceModel {
        if (model.optString("type") != WORD_PIECE) throw unsupported("the model type ${model.optString("type", "unnamed")}")
        require(json.optJSONObject("pre_tokenizer"), "BertPreTokenizer", "pre-tokenizer")
        val vocabulary = model.getJSONObject("vocab")
        val prefix = model.getString("continuing_subword_prefix")
        val words = Numbered()
        val continuations = Numbered()
        for (key in vocabulary.keys()) {
            val piece = key.toString() // Debian's org.json has no type for its keys
            val id = id(vocabulary.getInt(piece))
            words.add(piece, id)
            if (piece.startsWith(prefix)) continuations.add(piece.substring(prefix.length), id)
        }
        val (before, after) = template()
        return WordPieceModel(
            words.table.build(), words.ids.toArray(), continuations.table.build(), continuations.ids.toArray(),
            id(vocabulary.getInt(model.getString("unk_token"))), model.getInt("max_input_chars_per_word"),
            normalizer(), PrefixTrie(added(vocabulary)), before, after,
        )
    }

    private fun normalizer(): BertNormalizer {
        val settings = require(json.optJSONObject("normalizer"), "BertNormalizer", "normalizer")
        val lowercase = settings.getBoolean("lowercase")
        return BertNormalizer(
            cleanText = settings.getBoolean("clean_text"),
            chineseCharacters = settings.getBoolean("handle_chinese_chars"),
            stripAccents = if (settings.isNull("strip_accents")) lowercase else settings.getBoolean("strip_accents"),
            lowercase = lowercase,
        )
    }

    /** The tokens that stand for themselves in a text; only those that are taken as they are. */
    private fun added(vocabulary: JSONObject): List<Pair<String, Int>> = objects(json.getJSONArray("added_tokens")).map { token ->
        val content = token.getString("content")
        val odd = listOf("single_word", "lstrip", "rstrip", "normalized").filter { token.getBoolean(it) }
        if (odd.isNotEmpty()) throw unsupported("${odd.first()} for the added token \"$content\"")
        content to id(if (vocabulary.has(content)) vocabulary.getInt(content) else token.getInt("id"))
    }

    /** The ids before and after those of a text. */
    private fun template(): Pair<IntArray, IntArray> {
        val processor = json.optJSONObject("post_processor") ?: return IntArray(0) to IntArray(0)
        return when (val type = processor.optString("type")) {
            "BertProcessing" -> pair(processor.getJSONArray("cls")) to pair(processor.getJSONArray("sep"))
            "TemplateProcessing" -> single(processor)
            else -> throw unsupported("the post-processor $type")
        }
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

    private fun objects(array: JSONArray): List<JSONObject> = List(array.length()) { array.getJSONObject(it) }

    private fun require(part: JSONObject?, type: String, what: String): JSONObject {
        if (part?.optString("type") != type) throw unsupported("the $what ${part?.optString("type") ?: "none"}")
        return part
    }

    private fun id(number: Int): Int =
        if (number >= 0) number else throw CorruptTokenizerException(file, "has the negative id $number")

    private fun unsupported(feature: String) = UnsupportedTokenizerException(file, feature)

    /** Strings, and an id for each. */
    private class Numbered {
        val table = PieceTable.Builder()
        val ids = IntList()

        fun add(text: String, id: Int) {
            table.add(text)
            ids.add(id)
        }
    }
}
