package dev.pocketrag.runtime.tokenizer

import dev.pocketrag.runtime.text.Unicode

/** A token that stands for itself in a text. */
internal class AddedToken(val content: String, val id: Int, /** Whether it takes the white space before it. */ val takesSpace: Boolean)

/** Cuts a text at such tokens, the longest at each place. */
internal class AddedTokens(private val tokens: List<AddedToken>) {
    private val trie = PrefixTrie(tokens.withIndex().map { (at, token) -> token.content to at })

    /** Adds the ids of the tokens of [text], and calls [other] with each part between them, from and to. */
    fun split(text: CharArray, ids: IntList, other: (Int, Int) -> Unit) {
        var start = 0
        var at = 0
        while (at < text.size) {
            val end = longest(text, at)
            if (end == at) {
                at++
                continue
            }
            val token = token(text, at, end)
            val before = if (token.takesSpace) spaceBefore(text, start, at) else at
            if (start < before) other(start, before)
            ids.add(token.id)
            at = end
            start = end
        }
        if (start < text.size) other(start, text.size)
    }

    fun longest(text: CharArray, at: Int): Int = if (tokens.isEmpty()) at else trie.longest(text, at, text.size)

    fun token(text: CharArray, from: Int, to: Int): AddedToken = tokens[trie.number(text, from, to)]

    /** White space is of the first plane. */
    fun spaceBefore(text: CharArray, start: Int, end: Int): Int {
        var at = end
        while (at > start && Unicode.flags(text[at - 1].code) and Unicode.IS_SPACE != 0) at--
        return at
    }
}
