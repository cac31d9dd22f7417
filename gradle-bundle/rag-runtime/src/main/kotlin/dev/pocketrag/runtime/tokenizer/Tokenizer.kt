package dev.pocketrag.runtime.tokenizer

import dev.pocketrag.runtime.CorruptTokenizerException
import dev.pocketrag.runtime.UnknownTokenizerException
import java.io.File
import java.io.IOException

/** Turns text into the ids that the bundle's embedder takes, special tokens around. Has no state: share it between threads. */
internal fun interface Tokenizer {
    /** Returns all ids of [text], neither cut nor padded; lone surrogates and NUL become U+FFFD, white space at the ends is dropped. */
    fun encode(text: String): IntArray
}

/** `embedder.tokenizer` of an encoder in a bundle's manifest: which file tokenizes, and how. */
internal data class TokenizerSpec(
    val kind: String,
    val file: String,
    /** SentencePiece only: the ids put before and after the pieces. */
    val bos: Int? = null,
    val eos: Int? = null,
    /** What a text's ids are right-padded with: no text has it, and the model's mask hides it. */
    val pad: Int = 0,
)

/** Twice the largest: XLM-R's 250 002 pieces are 17 MB of JSON, Qwen's 151 643 are 11 MB; Gemma's model is 4.7 MB. */
private const val LARGEST: Long = 32L * 1024 * 1024

private val LOADERS: Map<String, (ByteArray, TokenizerSpec) -> Tokenizer> = mapOf(
    "tokenizer.json" to { bytes, spec -> readTokenizerJson(bytes, spec) },
    "sentencepiece" to { bytes, spec -> readSentencePiece(bytes, spec) },
)

/**
 * Returns the tokenizer of the bundle in [folder].
 *
 * @throws UnknownTokenizerException the kind is none of this library's
 * @throws CorruptTokenizerException the file is missing or damaged
 * @throws UnsupportedTokenizerException the file asks for what this library does not do
 */
internal fun loadTokenizer(folder: File, spec: TokenizerSpec): Tokenizer {
    val load = LOADERS[spec.kind] ?: throw UnknownTokenizerException(spec.kind)
    return load(readFile(folder, spec.file), spec)
}

private fun readFile(folder: File, name: String): ByteArray {
    if (File(name).name != name || name == "..") throw CorruptTokenizerException(name, "is not the name of a file in the bundle")
    val file = File(folder, name)
    if (file.length() > LARGEST) throw CorruptTokenizerException(name, "has ${file.length()} bytes, too many for a tokenizer")
    try {
        return file.readBytes()
    } catch (error: IOException) {
        throw CorruptTokenizerException(name, "can't be read (${error.message})", error)
    }
}
