package dev.pocketrag.answer.text

/** A template as Python's `str.format` reads it: `{name}` is a field, `{{` and `}}` are braces. */
internal class Template(text: String, private val known: Set<String>, needed: Set<String>) {
    /** Texts, and names of fields. */
    private val parts = ArrayList<Pair<String, String?>>()

    init {
        var at = 0
        for (found in TOKEN.findAll(text)) {
            parts += text.substring(at, found.range.first) to null
            parts += token(found.value)
            at = found.range.last + 1
        }
        parts += text.substring(at) to null
        val names = parts.mapNotNull { it.second }
        require(needed.all { name -> names.count { it == name } == 1 }) { "must hold each of $needed once" }
    }

    /** Each value goes in once and as text; an empty one leaves no space at a line's end. */
    fun filled(values: Map<String, String>): String =
        TRAILING.replace(parts.joinToString("") { (text, name) -> if (name == null) text else values.getValue(name) }, "")

    private fun token(found: String): Pair<String, String?> = when {
        found == "{{" || found == "}}" -> found.take(1) to null
        found.length > 2 && found.substring(1, found.length - 1) in known -> "" to found.substring(1, found.length - 1)
        else -> throw IllegalArgumentException("holds $found, and knows $known")
    }

    private companion object {
        // Android's own expressions read bare braces in a class otherwise than Java's.
        private val TOKEN = Regex("\\{\\{|\\}\\}|\\{[^\\{\\}]*\\}|[\\{\\}]")
        private val TRAILING = Regex("(?<! ) +(?=\\n)")
    }
}
