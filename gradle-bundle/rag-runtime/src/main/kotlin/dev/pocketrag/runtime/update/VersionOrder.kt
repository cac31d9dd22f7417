package dev.pocketrag.runtime.update

/**
 * A version as the desktop orders it (pocketrag/pipeline/bundle_update.py, `_order`): the numbers first, then the ending; `1.1-rc1`
 * comes before `1.1`, and `1.1-qlora` after it.
 */
internal class VersionOrder(version: String) : Comparable<VersionOrder> {
    private val numbers: List<String>
    private val words: List<String>

    init {
        val counted = NUMBERS.find(version)?.value.orEmpty()
        val parts = counted.ifEmpty { "0" }.split(".").map(::trimmed)
        numbers = parts + List(maxOf(0, SHORTEST - parts.size)) { "" }
        words = WORDS.findAll(version.drop(counted.length).lowercase()).map { it.value }.toList()
    }

    /** Before the version without an ending, that one, or after it. */
    private val rank: Int
        get() = if (words.isEmpty()) 1 else if (words.first() in CANDIDATES) 0 else 2

    override fun compareTo(other: VersionOrder): Int {
        val byNumbers = compare(numbers, other.numbers) { a, b -> compareNumbers(a, b) }
        if (byNumbers != 0) return byNumbers
        return if (rank != other.rank) rank.compareTo(other.rank) else compare(words, other.words) { a, b -> compareWords(a, b) }
    }

    private companion object {
        private val NUMBERS = Regex("^[0-9.]*[0-9]")
        private val WORDS = Regex("[0-9]+|[a-z]+")
        private val CANDIDATES = setOf("a", "alpha", "b", "beta", "c", "dev", "pre", "preview", "rc")
        private const val SHORTEST = 3

        /** Without leading zeros, so that the longer of two is the larger: numbers may have more digits than a Long. */
        private fun trimmed(digits: String): String = digits.trimStart('0')

        private fun compareNumbers(a: String, b: String): Int = if (a.length != b.length) a.length.compareTo(b.length) else a.compareTo(b)

        /** Letters come before numbers. */
        private fun compareWords(a: String, b: String): Int {
            val (first, second) = a.first().isDigit() to b.first().isDigit()
            val numbers = if (first && second) compareNumbers(trimmed(a), trimmed(b)) else first.compareTo(second)
            return if (numbers != 0) numbers else a.compareTo(b)
        }

        private fun compare(a: List<String>, b: List<String>, each: (String, String) -> Int): Int =
            a.zip(b, each).firstOrNull { it != 0 } ?: a.size.compareTo(b.size)
    }
}

/** Whether one version comes after another. */
internal fun isNewer(version: String, than: String): Boolean = VersionOrder(version) > VersionOrder(than)
