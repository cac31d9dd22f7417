package dev.pocketrag.runtime.text

import dev.pocketrag.runtime.tokenizer.IntList

/**
 * What the `tokenizers` library knows of each code point, from [UnicodeData].
 *
 * Neither Java nor Android is asked: each has the Unicode version of its year, and `tokenizers` has several at once.
 */
internal object Unicode {
    const val IS_OTHER = 1
    const val IS_SPACE = 2
    const val IS_PUNCTUATION = 4
    const val IS_CHINESE = 8
    const val IS_MARK = 16
    private const val HAS_LOWER = 32
    private const val COMES_APART = 64

    private val flags = CodePointFlags()
    private val combining = HashMap<Int, Int>()
    private val lower = HashMap<Int, Int>()
    /** Full canonical decompositions, without Hangul. */
    internal val apart: HashMap<Int, IntArray> = HashMap()

    init {
        flags.read(UnicodeData.OTHER, IS_OTHER)
        flags.read(UnicodeData.SPACE, IS_SPACE)
        flags.read(UnicodeData.PUNCTUATION, IS_PUNCTUATION)
        flags.read(UnicodeData.CHINESE, IS_CHINESE)
        flags.read(UnicodeData.MARK, IS_MARK)
        readCombining()
        readLower()
        readApart()
        flags.set(DOTTED_I, HAS_LOWER)
        for (code in HANGUL until HANGUL + HANGULS) flags.set(code, COMES_APART)
    }

    /** The `IS_` flags of a code point. */
    fun flags(code: Int): Int = flags.of(code)

    /** The canonical combining class, 0 for what starts a sequence. */
    fun combiningClass(code: Int): Int = if (code < FIRST_MARK) 0 else combining[code] ?: 0

    /** Adds the small letter of [code], or itself. */
    fun addLower(out: IntList, code: Int) {
        when {
            flags(code) and HAS_LOWER == 0 -> out.add(code)
            code in CAPITAL_A..CAPITAL_Z -> out.add(code + ASCII_CASE)
            code == DOTTED_I -> { // the only one that becomes two
                out.add(SMALL_I)
                out.add(DOT_ABOVE)
            }
            else -> out.add(lower.getValue(code))
        }
    }

    /** Adds the full canonical decomposition of [code], not yet put in order. */
    fun addApart(out: IntList, code: Int) {
        when {
            flags(code) and COMES_APART == 0 -> out.add(code)
            code in HANGUL until HANGUL + HANGULS -> addHangul(out, code - HANGUL)
            else -> apart.getValue(code).forEach(out::add)
        }
    }

    /** The Unicode Standard, 3.12, "Hangul Syllable Decomposition". */
    private fun addHangul(out: IntList, index: Int) {
        out.add(HANGUL_L + index / (HANGUL_VS * HANGUL_TS))
        out.add(HANGUL_V + index / HANGUL_TS % HANGUL_VS)
        if (index % HANGUL_TS > 0) out.add(HANGUL_T + index % HANGUL_TS)
    }

    private fun readCombining() {
        val numbers = TableNumbers(UnicodeData.COMBINING)
        var code = 0
        while (numbers.hasNext()) {
            code += numbers.next()
            val count = numbers.next()
            val kind = numbers.next()
            repeat(count) { combining[code++] = kind }
        }
    }

    private fun readLower() {
        val numbers = TableNumbers(UnicodeData.LOWER)
        var first = 0
        while (numbers.hasNext()) {
            first += numbers.next()
            val count = numbers.next()
            val step = numbers.next()
            val distance = numbers.next()
            val by = if (numbers.next() == 0) distance else -distance
            for (code in first until first + count * step step step) {
                lower[code] = code + by
                flags.set(code, HAS_LOWER)
            }
        }
    }

    private fun readApart() {
        val numbers = TableNumbers(UnicodeData.APART)
        var code = 0
        while (numbers.hasNext()) {
            code += numbers.next()
            apart[code] = IntArray(numbers.next()) { numbers.next() }
            flags.set(code, COMES_APART)
        }
    }
}

internal const val FIRST_MARK = 0x300
private const val CAPITAL_A = 0x41
private const val CAPITAL_Z = 0x5A
private const val ASCII_CASE = 0x20
private const val DOTTED_I = 0x130
private const val SMALL_I = 0x69
private const val DOT_ABOVE = 0x307
internal const val HANGUL = 0xAC00
internal const val HANGULS = 11_172
internal const val HANGUL_L = 0x1100
internal const val HANGUL_V = 0x1161
internal const val HANGUL_T = 0x11A7
internal const val HANGUL_VS = 21
internal const val HANGUL_TS = 28
