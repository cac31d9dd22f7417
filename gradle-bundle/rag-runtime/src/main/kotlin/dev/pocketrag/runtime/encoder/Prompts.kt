package dev.pocketrag.runtime.encoder

import dev.pocketrag.runtime.text.isPythonSpace
import dev.pocketrag.runtime.text.spell

/** What stands around a text before it is tokenized: `{question}`, `{title}` and `{text}` are the only fields. */
internal data class Prompts(val query: String, val document: String, val untitled: String) {
    /** Returns the text to embed for a question. */
    fun ask(question: String): String = fill(query, mapOf("question" to spell(question)))

    /** Returns the text to embed for a passage; [untitled] stands in for an empty title. */
    fun passage(title: String, text: String): String =
        fill(document, mapOf("title" to spell(title).ifEmpty { untitled }, "text" to spell(text)))

    // One pass, so that braces in a question are text; stripped, because an empty title leaves a space.
    private fun fill(template: String, values: Map<String, String>): String =
        Regex("\\{(question|title|text)\\}").replace(template) { values[it.groupValues[1]] ?: it.value }.trim(::isPythonSpace)
}
