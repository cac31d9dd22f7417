package dev.pocketrag.runtime.text

/** Eight flags for each code point, in pages, of which most are one and the same. */
internal class CodePointFlags {
    private val pages = Array(Character.MAX_CODE_POINT / PAGE + 1) { NOTHING }

    fun of(code: Int): Int = pages[code ushr PAGE_BITS][code and (PAGE - 1)].toInt() and 0xFF

    fun set(code: Int, flag: Int) {
        val number = code ushr PAGE_BITS
        if (pages[number] === NOTHING) pages[number] = ByteArray(PAGE)
        val at = code and (PAGE - 1)
        pages[number][at] = (pages[number][at].toInt() or flag).toByte()
    }

    /** Sets a flag for all ranges of a table of [UnicodeData]. */
    fun read(table: String, flag: Int) {
        val numbers = TableNumbers(table)
        var code = 0
        while (numbers.hasNext()) {
            code += numbers.next()
            repeat(numbers.next()) { set(code++, flag) }
        }
    }
}

/** The numbers of a table of [UnicodeData], one after the other. */
internal class TableNumbers(private val data: String) {
    private var at = 0

    fun hasNext(): Boolean = at < data.length

    fun next(): Int {
        val end = data.indexOf(' ', at).let { if (it < 0) data.length else it }
        return data.substring(at, end).toInt(BASE).also { at = end + 1 }
    }
}

private const val PAGE_BITS = 8
private const val PAGE = 1 shl PAGE_BITS
private val NOTHING = ByteArray(PAGE)
private const val BASE = 36
