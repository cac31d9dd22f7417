package dev.pocketrag.runtime.tokenizer

/** Finds the longest of a set of strings that a text has at a place. */
internal class PrefixTrie(entries: Iterable<Pair<String, Int>>) {
    /** (node, character) -> node; node 0 is the root. */
    private val children = HashMap<Long, Int>()
    private val numbers = IntList()

    /** Whether a character starts any of the strings: most do not, and need no look-up. */
    private val starts = BooleanArray(Char.MAX_VALUE.code + 1)

    init {
        numbers.add(-1)
        for ((text, number) in entries) insert(text, number)
    }

    private val ends: IntArray = numbers.toArray()

    private fun insert(text: String, number: Int) {
        if (text.isEmpty()) return
        starts[text[0].code] = true
        var node = 0
        for (char in text) {
            node = children.getOrPut(key(node, char)) {
                numbers.add(-1)
                numbers.size - 1
            }
        }
        numbers.values[node] = number
    }

    /** Returns the end of the longest string at [from], or [from] where there is none. */
    fun longest(text: CharArray, from: Int, to: Int): Int {
        if (!starts[text[from].code]) return from
        var node = 0
        var best = from
        for (at in from until to) {
            node = children[key(node, text[at])] ?: break
            if (ends[node] >= 0) best = at + 1
        }
        return best
    }

    /** Returns the number of the string that [longest] found. */
    fun number(text: CharArray, from: Int, to: Int): Int {
        var node = 0
        for (at in from until to) node = children.getValue(key(node, text[at]))
        return ends[node]
    }

    private fun key(node: Int, char: Char): Long = (node.toLong() shl Char.SIZE_BITS) or char.code.toLong()
}
