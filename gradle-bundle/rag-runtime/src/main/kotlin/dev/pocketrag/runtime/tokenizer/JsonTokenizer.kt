package dev.pocketrag.runtime.tokenizer

import dev.pocketrag.runtime.text.clean

/** Makes other letters of a part of a text. */
internal fun interface Normalizer {
    fun normalize(text: CharArray): CharArray
}

/** Cuts a part of a text into words, and these into tokens. Has no state. */
internal fun interface TokenModel {
    fun addIds(text: CharArray, from: Int, to: Int, ids: IntList)
}

/** The steps of a `tokenizer.json`, id for id as the `tokenizers` library takes them (`added_vocabulary.rs`, `tokenizer/mod.rs`). */
internal class JsonTokenizer(
    /** Found in a text as it is. */
    private val asTheyAre: AddedTokens,
    private val normalizer: Normalizer,
    /** Found once it is normalised. */
    private val normalized: AddedTokens,
    private val model: TokenModel,
    private val before: IntArray,
    private val after: IntArray,
) : Tokenizer {
    override fun encode(text: String): IntArray {
        val chars = clean(text).toCharArray()
        val ids = IntList(chars.size / 2)
        before.forEach(ids::add)
        asTheyAre.split(chars, ids) { from, to ->
            val part = normalizer.normalize(chars.copyOfRange(from, to))
            normalized.split(part, ids) { start, end -> model.addIds(part, start, end, ids) }
        }
        after.forEach(ids::add)
        return ids.toArray()
    }
}
