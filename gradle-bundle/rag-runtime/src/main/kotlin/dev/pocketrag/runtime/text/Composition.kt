package dev.pocketrag.runtime.text

import dev.pocketrag.runtime.tokenizer.IntList
import dev.pocketrag.runtime.tokenizer.putMarksInOrder

/** NFC as the `tokenizers` library knows it (The Unicode Standard, 3.11); the platform's is of another Unicode version. */
internal object Composition {
    /** (first, second) -> what the two are together. */
    private val pairs = HashMap<Long, Int>()

    init {
        val excluded = CodePointFlags().apply { read(UnicodeData.EXCLUDED, 1) }
        // The shorter first: of three code points the first two are one by then.
        for ((code, parts) in Unicode.apart.entries.sortedBy { it.value.size }) if (excluded.of(code) == 0) {
            val first = parts.dropLast(1).reduce { left, right -> pairs.getValue(key(left, right)) }
            pairs[key(first, parts.last())] = code
        }
    }

    fun nfc(points: IntList): IntList {
        if ((0 until points.size).all { points[it] < FIRST_MARK }) return points
        val apart = IntList(points.size + points.size / 8)
        for (at in 0 until points.size) Unicode.addApart(apart, points[at])
        putMarksInOrder(apart)
        return composed(apart)
    }

    private fun composed(points: IntList): IntList {
        val out = IntList(points.size)
        var starter = -1
        var last = 0 // the class of the last one behind the starter
        for (at in 0 until points.size) {
            val code = points[at]
            val kind = Unicode.combiningClass(code)
            val free = starter >= 0 && (out.size == starter + 1 || last < kind)
            val whole = if (free) together(out[starter], code) else -1
            if (whole >= 0) {
                out.values[starter] = whole
                continue
            }
            if (kind == 0) starter = out.size
            last = kind
            out.add(code)
        }
        return out
    }

    private fun together(first: Int, second: Int): Int = when {
        first in HANGUL_L until HANGUL_L + HANGUL_LS && second in HANGUL_V until HANGUL_V + HANGUL_VS ->
            HANGUL + ((first - HANGUL_L) * HANGUL_VS + second - HANGUL_V) * HANGUL_TS
        isOpenSyllable(first) && second in HANGUL_T + 1 until HANGUL_T + HANGUL_TS -> first + second - HANGUL_T
        else -> pairs[key(first, second)] ?: -1
    }

    private fun key(first: Int, second: Int): Long = (first.toLong() shl Int.SIZE_BITS) or second.toLong()
}

/** A syllable of Hangul that may take a final consonant. */
internal fun isOpenSyllable(code: Int): Boolean = code in HANGUL until HANGUL + HANGULS && (code - HANGUL) % HANGUL_TS == 0

private const val HANGUL_LS = 19
