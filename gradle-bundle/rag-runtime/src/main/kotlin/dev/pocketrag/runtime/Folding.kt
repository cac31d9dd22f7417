package dev.pocketrag.runtime

import java.text.Normalizer

/** How full text sees a text, in passages and questions alike: to the letter what `runtime/folding.py` does on the desktop. */
internal object Folding {
    /** A question has hardly more compounds, nor longer ones. */
    private const val COMPOUNDS = 16
    private const val LONGEST = 200

    /** Is not seen: soft hyphen, zero-width space and joiners, marks of direction, word joiner, byte order mark. */
    private val UNSEEN = Regex("[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")

    /** What NFKC would glue to its neighbours: the number and trade marks, letters and digits in circles. */
    private val APART = Regex("[\u2116\u2120\u2122\u2460-\u24ff\u2776-\u2793]")

    /** All but vulgar fractions, which stay as they are. */
    private val WHOLE = Regex("[^\u00bc-\u00be\u2150-\u215f\u2189]+")

    /** Emoji, arrows, currencies and other signs: FTS5 knows Unicode 6.1 and takes later ones for letters; apostrophes that are letters. */
    private val SIGNS = Regex(
        "[\u02b9-\u02bc\u20a0-\u20cf\u2190-\u245f\u2500-\u2775\u2794-\u2bff\u2e00-\u2e7f\\x{1F000}-\\x{1FAFF}]",
    )

    /** Marks that texts have or lack at will; docs/languages.md names them. */
    private val MARKS = Regex(
        "[\u0300-\u036f\u20d0-\u20f0\ufe00-\ufe0f\\x{E0100}-\\x{E01EF}\u0591-\u05bd\u05bf" +
        "\u05c1\u05c2\u05c4\u05c5\u05c7\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8" +
        "\u06ea-\u06ed\u093c]",
    )

    /** Scripts whose words are not apart, and how many letters a cut has. */
    private val HAN = Regex(
        "[\u3005\u3007\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u3400-\u4dbf" +
        "\u4e00-\u9fff\uf900-\ufaff\\x{1B000}-\\x{1B16F}\\x{20000}-\\x{3FFFF}]+",
    )
    private val HANGUL = Regex("[\u1100-\u11ff\uac00-\ud7a3]+")
    private val THAI = Regex(
        "[\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ebd\u0ec0-\u0ece\u0edc-\u0edf\u1000-\u103f" +
        "\u1050-\u109f\u1780-\u17d3\u17d7\u17dc\u17dd\u1950-\u19c9\u1a20-\u1a7c]+",
    )
    private val CUTS = listOf(HAN to 2, HANGUL to 2, THAI to 3)

    /** An ideograph between kana is mostly a word of its own, and is cut out beside. */
    private const val IDEOGRAPHS = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\\x{20000}-\\x{3FFFF}"
    private val LONE = Regex("(?<![$IDEOGRAPHS])[$IDEOGRAPHS](?![$IDEOGRAPHS])")

    /** A Korean word of one syllable and a particle: the noun is cut out beside. */
    private val PARTICLE = Regex("([\uac00-\ud7a3])[\uc740\ub294\uc774\uac00\uc744\ub97c\uc758\uc5d0\ub3c4\ub85c\uc640\uacfc\ub9cc]")

    /**
     * Words joined by one to three signs and no space are one name: 6.11.4, A-12/3, snake_case, 12:30. It starts where a word starts and
     * its parts are counted, so that a text of megabytes is read once, and without a deep stack.
     */
    private const val LETTERS_ALONE =
        "A-Za-z\u00aa\u00b2\u00b3\u00b5\u00b9\u00ba\u00bc-\u00be\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u1fff" +
            "\u2c00-\u2fef\u3040-\\x{10FFFF}"
    private const val LETTER = "[0-9$LETTERS_ALONE]"
    private const val HYPHEN = "[-\u2010-\u2015\u2212]"
    private const val WORD = "$LETTER{1,$LONGEST}"
    private const val JOINT = "[-_./\\\\:,+*~^|@#%&=\u00b7\u00d7\u066b\u066c\u2010-\u2015\u2044\u2212]{1,3}"
    private val COMPOUND = Regex("(?<!$LETTER)(?:$WORD$JOINT){1,${LONGEST / 2}}$WORD")

    /** But not words with a hyphen, and results: tie-break, 1-1. */
    private val ORDINARY = Regex("[$LETTERS_ALONE]+(?:$HYPHEN[$LETTERS_ALONE]+)+|[0-9]$HYPHEN[0-9]")

    /** So are numbers apart by a space or brackets: 12 (3), 12(3)(b), +49 30 123456, (555) 123-4567. */
    private const val PART = "(?:[0-9]{1,20}[A-Za-z]?|(?<=\\()[A-Za-z]{1,4}(?=\\)))"
    private const val GAP = "(?:[-./]|\\)? ?\\(|\\)? )"
    private val NUMBERS = Regex("(?<!$LETTER)$PART(?:$GAP$PART){1,20}(?!$LETTER)")

    /** C++, C#, F#: signs that tell names apart become a word. */
    private val SIGNED = Regex("(?<!$LETTER)([A-Za-z]{1,12})(\\+\\+|#)(?!$LETTER|[+#])")

    /** Of a version, so that v2.10.1 is found as 2.10.1. */
    private val VERSION = Regex("(?<!$LETTER)([Vv])(?=[0-9]{1,9}\\.[0-9])")

    /** A number and what it counts, so that 5,5mm is found as 5,5 mm. */
    private val COUNTED = Regex("(?<!$LETTER)([0-9]{1,9})([A-Za-z\u03bc]{1,4})(?!$LETTER)")
    private const val NAMES =
        "mm cm dm km nm \u03bcm kg mg \u03bcg ml cl kv kw mw kwh ma mah hz khz mhz ghz kb mb gb tb ms min bar kpa mpa px dpi"
    private val UNITS: Set<String> = NAMES.split(" ").toSet()

    /** Letters that people also write otherwise, and `unicode61` keeps apart. */
    private const val SPELLED =
        "\u0153oe \u0152oe \u00e6ae \u00c6ae \u01fdae \u01fcae \u00dfss \u1e9ess \u00f8o \u00d8o \u01ffo \u01feo " +
            "\u0111d \u0110d \u0142l \u0141l \u0131i \u0451\u0435 \u0401\u0435 \u0622\u0627 \u0623\u0627 \u0625\u0627 " +
            "\u0671\u0627 \u0649\u064a \u06cc\u064a \u0629\u0647 \u06a9\u0643 \u0901\u0902"
    private val LETTERS: Map<Char, String> = SPELLED.split(' ').associate { it[0] to it.substring(1) }

    /** Where the digits of other scripts begin; ten each follow one another. */
    private const val DIGITS = "\u0660\u06f0\u0966\u09e6\u0a66\u0ae6\u0b66\u0be6\u0c66\u0ce6\u0d66\u0e50\u0ed0\u0f20\u1040\u17e0\u1810"

    /** Returns a text as it is looked up: marks and letters folded, runs of scripts without spaces in overlapping cuts. */
    fun folded(text: String): String = spaced(text).let { if (isAscii(it)) it else fold(it) }

    /** Returns the numbers and names of several parts in a folded text, each once. */
    fun compounds(text: String): List<String> {
        val numbers = NUMBERS.findAll(text).filter { match -> match.value.any { it in " ()" } }
        val names = COMPOUND.findAll(text).filterNot { ORDINARY.matches(it.value) }
        val found = (names + numbers).map { it.value }.filter { it.codePointCount(0, it.length) <= LONGEST }
        return found.distinct().take(COMPOUNDS).toList()
    }

    private fun spaced(text: String): String {
        var found = if (isAscii(text)) text else composed(text)
        // First, since a number with its unit stands alone only once neighbours of these scripts are cut off.
        if (!isAscii(found)) for ((run, size) in CUTS) found = run.replace(found) { " ${overlapping(it.value, size)} " }
        found = VERSION.replace(found, "$1 ")
        found = SIGNED.replace(found) { "${it.groupValues[1]} ${named(it.groupValues)} " }
        return COUNTED.replace(found) { counted(it.groupValues) }
    }

    private fun composed(text: String): String {
        val seen = APART.replace(UNSEEN.replace(text, "")) { " ${it.value} " }
        val whole = WHOLE.replace(seen) { Normalizer.normalize(it.value, Normalizer.Form.NFKC) }
        return SIGNS.replace(MARKS.replace(whole, ""), " ")
    }

    private fun named(groups: List<String>): String = groups[1] + if (groups[2] == "#") "sharp" else "plusplus"

    private fun counted(groups: List<String>): String = if (groups[2].lowercase() in UNITS) "${groups[1]} ${groups[2]}" else groups[0]

    private fun fold(text: String): String = buildString { for (char in text) append(LETTERS[char] ?: digit(char) ?: bare(char)) }

    private fun digit(char: Char): String? = DIGITS.firstOrNull { char - it in 0..9 }?.let { (char - it).toString() }

    private fun bare(char: Char): String =
        if (isGreek(char)) MARKS.replace(Normalizer.normalize(char.toString(), Normalizer.Form.NFD), "") else char.toString()

    private fun isGreek(char: Char): Boolean = char in '\u0370'..'\u03ff' || char in '\u1f00'..'\u1fff'

    /** By code points: ideographs of the second plane are two chars. */
    private fun overlapping(run: String, size: Int): String {
        val starts = run.indices.filter { it == 0 || !(run[it].isLowSurrogate() && run[it - 1].isHighSurrogate()) } + run.length
        val count = starts.size - 1
        val cuts = (0..maxOf(count - size, 0)).map { run.substring(starts[it], starts[minOf(it + size, count)]) }
        val lone = if (count > 1) LONE.findAll(run).map { it.value }.toList() else emptyList()
        val noun = PARTICLE.matchEntire(run)?.let { listOf(it.groupValues[1]) }.orEmpty()
        return (cuts + lone + noun).joinToString(" ")
    }
}
