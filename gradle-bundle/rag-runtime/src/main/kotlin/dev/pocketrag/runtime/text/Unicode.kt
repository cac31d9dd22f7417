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

    private const val PAGE_BITS = 8
    private const val PAGE = 1 shl PAGE_BITS
    private val pages = Array(Character.MAX_CODE_POINT / PAGE + 1) { NOTHING }
    private val combining = HashMap<Int, Int>()
    private val lower = HashMap<Int, Int>()
    private val apart = HashMap<Int, IntArray>()

    init {
        readFlags(UnicodeData.OTHER, IS_OTHER)
        readFlags(UnicodeData.SPACE, IS_SPACE)
        readFlags(UnicodeData.PUNCTUATION, IS_PUNCTUATION)
        readFlags(UnicodeData.CHINESE, IS_CHINESE)
        readFlags(UnicodeData.MARK, IS_MARK)
        readCombining()
        readLower()
        readApart()
        setFlag(DOTTED_I, HAS_LOWER)
        for (code in HANGUL until HANGUL + HANGULS) setFlag(code, COMES_APART)
    }

    /** The `IS_` flags of a code point. */
    fun flags(code: Int): Int = pages[code ushr PAGE_BITS][code and (PAGE - 1)].toInt()

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

    private fun readFlags(data: String, flag: Int) {
        val numbers = Numbers(data)
        var code = 0
        while (numbers.hasNext()) {
            code += numbers.next()
            repeat(numbers.next()) { setFlag(code++, flag) }
        }
    }

    private fun readCombining() {
        val numbers = Numbers(UnicodeData.COMBINING)
        var code = 0
        while (numbers.hasNext()) {
            code += numbers.next()
            val count = numbers.next()
            val kind = numbers.next()
            repeat(count) { combining[code++] = kind }
        }
    }

    private fun readLower() {
        val numbers = Numbers(UnicodeData.LOWER)
        var first = 0
        while (numbers.hasNext()) {
            first += numbers.next()
            val count = numbers.next()
            val step = numbers.next()
            val distance = numbers.next()
            val by = if (numbers.next() == 0) distance else -distance
            for (code in first until first + count * step step step) {
                lower[code] = code + by
                setFlag(code, HAS_LOWER)
            }
        }
    }

    private fun readApart() {
        val numbers = Numbers(UnicodeData.APART)
        var code = 0
        while (numbers.hasNext()) {
            code += numbers.next()
            apart[code] = IntArray(numbers.next()) { numbers.next() }
            setFlag(code, COMES_APART)
        }
    }

    private fun setFlag(code: Int, flag: Int) {
        val number = code ushr PAGE_BITS
        if (pages[number] === NOTHING) pages[number] = ByteArray(PAGE)
        val at = code and (PAGE - 1)
        pages[number][at] = (pages[number][at].toInt() or flag).toByte()
    }

    /** The numbers of a table, one after the other. */
    private class Numbers(private val data: String) {
        private var at = 0

        fun hasNext(): Boolean = at < data.length

        fun next(): Int {
            val end = data.indexOf(' ', at).let { if (it < 0) data.length else it }
            return data.substring(at, end).toInt(BASE).also { at = end + 1 }
        }
    }
}

/** The page of code points of which nothing is known: most have the same. */
private val NOTHING = ByteArray(256)
private const val BASE = 36
private const val FIRST_MARK = 0x300
private const val CAPITAL_A = 0x41
private const val CAPITAL_Z = 0x5A
private const val ASCII_CASE = 0x20
private const val DOTTED_I = 0x130
private const val SMALL_I = 0x69
private const val DOT_ABOVE = 0x307
private const val HANGUL = 0xAC00
private const val HANGULS = 11_172
private const val HANGUL_L = 0x1100
private const val HANGUL_V = 0x1161
private const val HANGUL_T = 0x11A7
private const val HANGUL_VS = 21
private const val HANGUL_TS = 28
