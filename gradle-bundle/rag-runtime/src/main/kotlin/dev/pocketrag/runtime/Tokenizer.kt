package dev.pocketrag.runtime

/** Text to token ids. */
public interface Tokenizer {
    /** Returns the ids of a text, special tokens around, neither padded nor cut. */
    public fun encode(text: String): IntArray
}
