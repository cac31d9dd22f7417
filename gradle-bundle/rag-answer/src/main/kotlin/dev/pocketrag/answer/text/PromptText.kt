package dev.pocketrag.answer.text

import dev.pocketrag.answer.GeneratorPrompt

/** What the model reads, its system's and the user's turn: `pocketrag/runtime/generator/prompt.py`, byte for byte. */
internal class PromptText(private val prompt: GeneratorPrompt) {
    private val system = Template(prompt.system, setOf("refusal"), emptySet())
    private val passage = Template(prompt.passage, setOf("number", "title", "text"), setOf("number", "text"))
    private val user = Template(prompt.user, setOf("passages", "question"), setOf("passages", "question"))

    /** @param passages (title, text), best first; they are numbered from 1. */
    fun messages(question: String, passages: List<Pair<String, String>>): Messages {
        val numbered = passages.mapIndexed { i, (title, text) ->
            passage.filled(mapOf("number" to "${i + 1}", "title" to line(title), "text" to plain(text)))
        }
        val said = user.filled(mapOf("passages" to numbered.joinToString("\n\n"), "question" to line(question)))
        return Messages(system.filled(mapOf("refusal" to prompt.refusal)), said)
    }
}

/** The two turns of a prompt. */
internal data class Messages(val system: String, val user: String)
