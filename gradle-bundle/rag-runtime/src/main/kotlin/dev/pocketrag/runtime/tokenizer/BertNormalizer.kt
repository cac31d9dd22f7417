package dev.pocketrag.runtime.tokenizer

import dev.pocketrag.runtime.text.Unicode
import org.json.JSONObject

private const val SPACE = 0x20
private const val REPLACEMENT = 0xFFFD

/** `BertNormalizer` of the `tokenizers` library: its settings, and what they do to a text (as code points). */
internal class BertNormalizer(settings: JSONObject) : Normalizer {
    private val cleanText = settings.getBoolean("clean_text")
    private val chineseCharacters = settings.getBoolean("handle_chinese_chars")
    private val lowercase = settings.getBoolean("lowercase")
    private val stripAccents = if (settings.isNull("strip_accents")) lowercase else settings.getBoolean("strip_accents")

    override fun normalize(text: CharArray): CharArray {
        var points = points(text)
        if (cleanText) points = points.filterAndSpace()
        if (chineseCharacters) points = points.spaceChinese()
        if (stripAccents) points = points.stripAccents()
        if (lowercase) points = points.lower()
        return chars(points)
    }

    /** Drops control characters, and what has no category; tabs, line ends and all kinds of spaces become spaces. */
    private fun IntList.filterAndSpace(): IntList = rebuilt { code, out ->
        val flags = Unicode.flags(code)
        when {
            code == 0 || code == REPLACEMENT || flags and Unicode.IS_OTHER != 0 -> Unit
            flags and Unicode.IS_SPACE != 0 -> out.add(SPACE)
            else -> out.add(code)
        }
    }

    private fun IntList.spaceChinese(): IntList = rebuilt { code, out ->
        val chinese = Unicode.flags(code) and Unicode.IS_CHINESE != 0
        if (chinese) out.add(SPACE)
        out.add(code)
        if (chinese) out.add(SPACE)
    }

    private fun IntList.stripAccents(): IntList {
        val apart = rebuilt { code, out -> Unicode.addApart(out, code) }
        putMarksInOrder(apart)
        return apart.rebuilt { code, out -> if (Unicode.flags(code) and Unicode.IS_MARK == 0) out.add(code) }
    }

    private fun IntList.lower(): IntList = rebuilt { code, out -> Unicode.addLower(out, code) }

    private inline fun IntList.rebuilt(add: (Int, IntList) -> Unit): IntList {
        val out = IntList(size + size / 8)
        for (at in 0 until size) add(this[at], out)
        return out
    }
}

/** The canonical ordering of NFD (The Unicode Standard, 3.11): each run of marks by its classes, equal ones as they came. */
internal fun putMarksInOrder(points: IntList) {
    var at = 0
    while (at < points.size) {
        val start = at
        while (at < points.size && Unicode.combiningClass(points[at]) != 0) at++
        if (at - start > 1) sortRun(points, start, at)
        if (at == start) at++
    }
}

private fun sortRun(points: IntList, from: Int, to: Int) {
    val keys = LongArray(to - from) { (Unicode.combiningClass(points[from + it]).toLong() shl Int.SIZE_BITS) or it.toLong() }
    keys.sort()
    val before = points.values.copyOfRange(from, to)
    for (at in keys.indices) points.values[from + at] = before[keys[at].toInt()]
}
