package dev.pocketrag.runtime.text

/**
 * The order of code points, which is that of UTF-8 bytes: SQLite's and Python's. Kotlin compares UTF-16, where U+1F642 (surrogates,
 * D800 to DFFF) comes before U+FB01.
 */
internal object CodePoints : Comparator<String> {
    override fun compare(left: String, right: String): Int {
        val shorter = minOf(left.length, right.length)
        val i = (0 until shorter).firstOrNull { left[it] != right[it] } ?: return left.length - right.length
        return weight(left[i]) - weight(right[i])
    }

    /** Moves the surrogates behind the rest of UTF-16: what is before them stays, what is behind them takes their place. */
    private fun weight(unit: Char): Int =
        when {
            unit < '\uD800' -> unit.code
            unit >= '\uE000' -> unit.code - SURROGATES
            else -> unit.code + BEHIND
        }

    private const val SURROGATES = 0x800
    private const val BEHIND = 0x2000
}
