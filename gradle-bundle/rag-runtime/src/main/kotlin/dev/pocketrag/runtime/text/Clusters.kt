package dev.pocketrag.runtime.text

import dev.pocketrag.runtime.tokenizer.IntList

/** Extended grapheme clusters (UAX #29) as the `tokenizers` library cuts them. */
internal object Clusters {
    private const val EXTEND = 1
    private const val SPACING = 2
    private const val PREPEND = 4
    private const val CONTROL = 8
    private const val PICTOGRAPH = 16
    private const val CONSONANT = 32
    private const val LINKER = 64
    private val flags = CodePointFlags().apply {
        read(UnicodeData.EXTEND, EXTEND)
        read(UnicodeData.SPACING, SPACING)
        read(UnicodeData.PREPEND, PREPEND)
        read(UnicodeData.CONTROL, CONTROL)
        read(UnicodeData.PICTOGRAPH, PICTOGRAPH)
        read(UnicodeData.CONSONANT, CONSONANT)
        read(UnicodeData.LINKER, LINKER)
    }

    /** Returns where the cluster that starts at [from] ends. */
    fun end(points: IntList, from: Int): Int {
        var at = from + 1
        val state = State()
        state.take(points[from])
        while (at < points.size && joins(points[at - 1], points[at], state)) state.take(points[at++])
        return at
    }

    private fun joins(left: Int, right: Int, state: State): Boolean {
        if (left < FIRST_MARK && right < FIRST_MARK) return left == CR && right == LF
        val before = flags.of(left)
        val after = flags.of(right)
        if ((before or after) and CONTROL != 0) return false
        return after and (EXTEND or SPACING) != 0 || before and PREPEND != 0 || joinsHangul(left, right) ||
            after and CONSONANT != 0 && state.linked || after and PICTOGRAPH != 0 && state.joined || isRegion(right) && state.oddRegions
    }

    private fun joinsHangul(left: Int, right: Int): Boolean {
        val second = hangul(right)
        return when (hangul(left)) {
            LEAD -> second != NONE && second != TRAIL
            VOWEL, OPEN -> second == VOWEL || second == TRAIL
            TRAIL, CLOSED -> second == TRAIL
            else -> false
        }
    }

    private fun hangul(code: Int): Int = when (code) {
        in 0x1100..0x115F, in 0xA960..0xA97C -> LEAD
        in 0x1160..0x11A7, in 0xD7B0..0xD7C6, 0x16D63, in 0x16D67..0x16D6A -> VOWEL
        in 0x11A8..0x11FF, in 0xD7CB..0xD7FB -> TRAIL
        in HANGUL until HANGUL + HANGULS -> if (isOpenSyllable(code)) OPEN else CLOSED
        else -> NONE
    }

    private fun isRegion(code: Int) = code in 0x1F1E6..0x1F1FF

    /** What of the cluster so far decides whether the next one joins. */
    private class State {
        /** A pictograph, what extends it, and a joiner; a consonant and what links it; a flag's first half. */
        var joined = false
        var linked = false
        var oddRegions = false
        private var pictograph = false
        private var consonant = false

        fun take(code: Int) {
            val flags = flags.of(code)
            joined = pictograph && code == JOINER
            pictograph = flags and PICTOGRAPH != 0 || pictograph && flags and EXTEND != 0 && code != JOINER
            val links = flags and LINKER != 0
            val extends = links || flags and EXTEND != 0 && code != NON_JOINER
            linked = consonant && extends && (linked || links)
            consonant = flags and CONSONANT != 0 || consonant && extends
            oddRegions = isRegion(code) && !oddRegions
        }
    }

    private const val NONE = 0
    private const val LEAD = 1
    private const val VOWEL = 2
    private const val TRAIL = 3
    private const val OPEN = 4
    private const val CLOSED = 5
    private const val CR = 0xD
    private const val LF = 0xA
    private const val JOINER = 0x200D
    private const val NON_JOINER = 0x200C
}
