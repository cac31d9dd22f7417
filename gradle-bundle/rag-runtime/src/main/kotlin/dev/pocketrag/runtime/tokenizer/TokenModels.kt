package dev.pocketrag.runtime.tokenizer

import dev.pocketrag.runtime.CorruptTokenizerException
import dev.pocketrag.runtime.UnsupportedTokenizerException
import org.json.JSONException
import org.json.JSONObject

/** What cuts a text into tokens, and the id of a piece of its vocabulary, or -1. */
internal class ReadModel(val tokens: TokenModel, val ids: (String) -> Int)

/** Reads `model` and `pre_tokenizer` of a `tokenizer.json`. */
internal fun readModel(file: String, json: VocabularyJson): ReadModel {
    val model = json.settings.getJSONObject("model")
    val reader = TokenModelReader(file, json, model, json.settings.optJSONObject("pre_tokenizer"))
    return when (val type = model.optString("type", "unnamed")) {
        "WordPiece" -> reader.wordPiece()
        "Unigram" -> reader.unigram()
        "BPE" -> reader.byteLevelBpe()
        else -> throw UnsupportedTokenizerException(file, "the model type $type")
    }
}

/** Bytes that stand for themselves in a byte-level vocabulary; the others are written as U+0100 and on (`pre_tokenizers/byte_level.rs`). */
private val PLAIN_BYTES = listOf(0x21..0x7E, 0xA1..0xAC, 0xAE..0xFF)
private const val BYTES = 256

/** Settings of a BPE model that are not done here. */
private val ODD = listOf("dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix", "byte_fallback", "ignore_merges")

private class TokenModelReader(
    private val file: String,
    private val json: VocabularyJson,
    private val model: JSONObject,
    private val cut: JSONObject?,
) {
    fun wordPiece(): ReadModel {
        if (type(cut) != "BertPreTokenizer") throw unsupportedCut(cut)
        val prefix = model.getString("continuing_subword_prefix")
        val vocabulary = vocabulary()
        val tails = Vocabulary()
        json.ids { piece, id -> if (piece.startsWith(prefix)) tails.add(piece.substring(prefix.length), id) }
        val words = vocabulary.table()
        val unknown = model.getString("unk_token")
        val id = vocabulary.id(unknown)
        if (id < 0) throw JSONException("the unk_token \"$unknown\" is not in the vocabulary")
        val ids = vocabulary.ids.toArray()
        val longest = model.getInt("max_input_chars_per_word")
        return ReadModel(WordPiece(words, ids, tails.table(), tails.ids.toArray(), id, longest), vocabulary::id)
    }

    fun unigram(): ReadModel {
        if (model.optBoolean("byte_fallback")) throw unsupported("byte_fallback of the Unigram model")
        if (model.isNull("unk_id")) throw unsupported("a Unigram model without unk_id")
        val vocabulary = Vocabulary()
        val scores = ArrayList<Double>()
        json.scores { piece, score ->
            vocabulary.add(piece, scores.size)
            scores.add(score)
        }
        val table = vocabulary.table()
        val unknown = model.getInt("unk_id")
        if (unknown !in scores.indices) throw JSONException("the unk_id $unknown is not in the vocabulary")
        return ReadModel(Unigram(table, scores.toDoubleArray(), unknown, metaspace()), vocabulary::id)
    }

    fun byteLevelBpe(): ReadModel {
        ODD.firstOrNull { name -> model.opt(name).let { it != null && it != JSONObject.NULL && it != false && it != "" } }
            ?.let { throw unsupported("$it of the BPE model") }
        val words = byteLevel()
        val vocabulary = vocabulary()
        vocabulary.table()
        val id = { piece: String -> vocabulary.id(piece).also { if (it < 0) throw JSONException("\"$piece\" is not in the vocabulary") } }
        val lefts = IntList()
        val rights = IntList()
        val results = IntList()
        json.merges { left, right ->
            lefts.add(id(left))
            rights.add(id(right))
            results.add(id(left + right))
        }
        var other = BYTES
        val bytes = IntArray(BYTES) { byte -> id((if (PLAIN_BYTES.any { byte in it }) byte else other++).toChar().toString()) }
        return ReadModel(
            ByteLevelBpe(MergeTable(lefts.toArray(), rights.toArray(), results.toArray()), bytes, words.first, words.second),
            vocabulary::id,
        )
    }

    private fun metaspace(): MetaspaceRules {
        val steps = steps()
        val last = steps.lastOrNull()
        if (type(last) != "Metaspace" || steps.size > 2 || steps.size == 2 && type(steps[0]) != "WhitespaceSplit") throw unsupportedCut(cut)
        val settings = last!!
        val space = settings.getString("replacement")
        // Before tokenizers 0.15 it was add_prefix_space.
        val older = if (settings.optBoolean("add_prefix_space", true)) "always" else "never"
        val scheme = settings.optString("prepend_scheme").ifEmpty { older }
        if (scheme == "first" || space.length != 1) {
            throw unsupported("Metaspace with prepend_scheme $scheme and the replacement \"$space\"")
        }
        return MetaspaceRules(steps.size == 2, space[0], scheme == "always", settings.optBoolean("split", true))
    }

    /** How words are cut, and whether a part gets a space in front. */
    private fun byteLevel(): Pair<WordPattern?, Boolean> {
        val steps = steps()
        val last = steps.lastOrNull()
        if (type(last) != "ByteLevel" || steps.size > 2) throw unsupportedCut(cut)
        val own = last!!.optBoolean("use_regex", true)
        val prefix = last.getBoolean("add_prefix_space")
        if (steps.size == 1) return (if (own) WordPattern.GPT2 else null) to prefix
        val split = steps[0]
        val pattern = split.optJSONObject("pattern")?.optString("Regex")
        val known = WordPattern.entries.firstOrNull { it.regex == pattern }
        if (type(split) != "Split" || split.optString("behavior") != "Isolated" || split.optBoolean("invert")) throw unsupportedCut(split)
        if (known == null || own || prefix) throw unsupported("the pre-tokenizer Split with the pattern $pattern")
        return known to false
    }

    private fun steps(): List<JSONObject> =
        if (type(cut) == "Sequence") objects(cut!!.getJSONArray("pretokenizers")) else listOfNotNull(cut)

    private fun vocabulary() = Vocabulary().also { json.ids(it::add) }

    private fun type(part: JSONObject?): String = part?.optString("type") ?: "none"

    private fun unsupportedCut(part: JSONObject?) = unsupported("the pre-tokenizer ${type(part)}")

    private fun unsupported(feature: String) = UnsupportedTokenizerException(file, feature)

    /** Strings, and an id for each. */
    private inner class Vocabulary {
        private val builder = PieceTable.Builder()
        private lateinit var built: PieceTable
        val ids = IntList()

        fun add(text: String, id: Int) {
            builder.add(text)
            ids.add(id)
        }

        fun table(): PieceTable {
            built = builder.build()
            if (built.duplicate >= 0) throw CorruptTokenizerException(file, "has the piece \"${built[built.duplicate]}\" twice")
            return built
        }

        fun id(text: String): Int = built.find(text.toCharArray(), 0, text.length).let { if (it < 0) it else ids[it] }
    }
}
