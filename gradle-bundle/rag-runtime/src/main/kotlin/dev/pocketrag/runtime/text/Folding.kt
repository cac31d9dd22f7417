package dev.pocketrag.runtime.text

import java.text.Normalizer

/** How full text sees a text, in passages and questions alike: to the letter what `runtime/folding.py` does on the desktop. */
internal object Folding {
    /** A question has hardly more phrases; no name is longer. */
    private const val PHRASES = 32
    private const val LONGEST = 200

    /** Is not seen: soft hyphen, zero-width space and joiners, marks of direction, word joiner, byte order mark. */
    private val UNSEEN = Regex("[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")

    /** What NFKC would glue to its neighbours: the number and trade marks, letters and digits in circles. */
    private val APART = Regex("[\u2116\u2120\u2122\u2460-\u24ff\u2776-\u2793]")

    /** All but vulgar fractions, which stay as they are, and are also written as three letters. */
    private val WHOLE = Regex("[^\u00bc-\u00be\u2150-\u215f\u2189]+")
    private const val FRACTIONS = "\u00bd1/2 \u00bc1/4 \u00be3/4"

    /** Where a raised digit meets a number, a word of three letters, or a word behind it. */
    private const val RAISED_DIGIT = "[\u00b2\u00b3\u00b9\u2070\u2074-\u2079]"
    private const val PLAIN = "[A-Za-z\u00c0-\u1fff]"
    private val RAISED = Regex("(?:(?<=[0-9])|(?<=$PLAIN{3}))(?=$RAISED_DIGIT)|(?<=$RAISED_DIGIT)(?=$PLAIN)")

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

    /** Scripts whose words are not apart, and how many letters a cut has. Pairs, not `\x{…}`, or Java's `(?<!` sees halves of them. */
    private const val IDEOGRAPHS = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\ud840\udc00-\ud8bf\udfff"
    private const val HAN = "\u3005\u3007\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff$IDEOGRAPHS\ud82c\udc00-\ud82c\udd6f"
    private const val HANGUL = "\u1100-\u11ff\uac00-\ud7a3"
    private const val THAI = "\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ebd\u0ec0-\u0ece\u0edc-\u0edf\u1000-\u103f" +
        "\u1050-\u109f\u1780-\u17d3\u17d7\u17dc\u17dd\u1950-\u19c9\u1a20-\u1a7c"
    private val CUTS = listOf(Regex("[$HAN]+") to 2, Regex("[$HANGUL]+") to 2, Regex("[$THAI]+") to 3)

    /** A line that ends within a word of a script without spaces. */
    private val BROKEN = Regex("(?<=[$HAN$THAI])[ \t]{0,9}\r?\n[ \t]{0,9}(?=[$HAN$THAI])")

    /** A run that is shorter than its script's cuts; a number and the letters beside it. */
    private val SHORT = Regex(
        "(?<![0-9$HAN])[$HAN](?![0-9$HAN])|(?<![0-9$HANGUL])[$HANGUL](?![0-9$HANGUL])|" +
            "(?<![0-9$THAI])[$THAI]{1,2}(?![0-9$THAI])",
    )
    private const val EDGE = "([$HAN$HANGUL]|[$THAI]{1,2})?"
    private val BETWEEN = Regex("$EDGE ?(?<![0-9A-Za-z.,])([0-9]{1,20})(?![0-9A-Za-z.,])(?= ?$EDGE)")

    /** An ideograph between kana is mostly a word of its own, and is cut out beside. */
    private val LONE = Regex("(?<![$IDEOGRAPHS])[$IDEOGRAPHS](?![$IDEOGRAPHS]|$)")

    /** A Korean word of one syllable and a particle: the noun is cut out beside. */
    private val PARTICLE = Regex(
        "([\uac00-\ud7a3])(?:[\uc740\ub294\uc774\uac00\uc744\ub97c\uc758\uc5d0\ub3c4\ub85c\uc640\uacfc\ub9cc]|" +
            "\uc5d0\uc11c|\uc5d0\ub294|\uc5d0\uac8c|\uc73c\ub85c|\uae4c\uc9c0|\ubd80\ud130|\ud558\uace0|\uc785\ub2c8\ub2e4)",
    )

    /** Names of several parts: `runtime/names.py` says of each what it finds. */
    private const val LETTERS_ALONE =
        "A-Za-z\u00aa\u00b2\u00b3\u00b5\u00b9\u00ba\u00bc-\u00be\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u1fff" +
            "\u2c00-\u2fef\u3040-\\x{10FFFF}"
    private const val LETTER = "[0-9$LETTERS_ALONE]"
    private const val START = "(?<!$LETTER)"
    private const val END = "(?!$LETTER)"
    private const val HYPHEN = "\u2010-\u2015\u2212-"
    private const val WORD = "$LETTER{1,$LONGEST}"
    private const val JOINT = "[-_./\\\\:,+*~^|@#%&=\u00b7\u00d7\u066b\u066c\u2010-\u2015\u2212]{1,3}"
    private val COMPOUND = Regex("$START(?:$WORD$JOINT){1,${LONGEST / 2}}$WORD")
    private val ORDINARY = Regex("[$LETTERS_ALONE]+(?:[$HYPHEN][$LETTERS_ALONE]+)+|[0-9][$HYPHEN][0-9]")
    private const val PART = "(?:[A-Z]{0,4}[0-9]{1,20}[A-Za-z]?|(?<=\\()[A-Za-z]{1,4}(?=\\)))"
    private const val GAP = "(?:[-./]|\\)? ?\\(|\\)? )"
    private val NUMBERS = Regex("$START(?:[A-Z]{1,4} (?=[0-9]))?$PART(?:$GAP$PART){0,20}$END")
    private const val NUMBER = "[0-9]{1,20}[A-Za-z]?"
    private const val WORDS = "[$LETTERS_ALONE .,;()'\u2019\u00a7\\[\\]-]{1,20}"
    private const val CUT = "[ \u0e00-\u0eff\u1000-\u11ff\u1780-\u17ff\u3005-\\x{3FFFF}]{1,60}"
    private val PAIR = Regex("$START(?=($NUMBER(?![$LETTERS_ALONE])(?:$WORDS|$CUT)$START$NUMBER)$END)")
    private val THOUSANDS = Regex("$START[0-9]{1,3}(?:[ .,'\u2019\u066c][0-9]{3}){1,9}$END")
    private val HYPHENED = Regex("$START[0-9A-Za-z]{1,20}(?:[_/$HYPHEN][0-9A-Za-z]{1,20}){1,20}$END")
    private val LETTERED = Regex("$START[0-9]{1,4} [A-Za-z]$END")
    private val MARKED = Regex("$START[A-Za-z]{1,4} $NUMBER$END")
    private val CODE = Regex("(?=.*[0-9])(?:.*[A-Za-z].*|.{4,})")
    private val SEPARATORS = Regex("[^0-9A-Za-z]+")

    /** What becomes plain: C++ and C#, a version, a sign between numbers, a number and what it counts. */
    private const val SIGNED = "$START([A-Za-z]{1,12})"
    private val PLAINER = listOf(
        Regex("$START([Vv])(?=[0-9]{1,9}\\.[0-9])") to "$1 ",
        Regex("$SIGNED\\+\\+(?!$LETTER|[+#])") to "$1 $1plusplus ",
        Regex("$SIGNED#(?!$LETTER|[+#])") to "$1 $1sharp ",
        Regex("(?<=[0-9]) ?[xX\u00d7] ?(?=[0-9])") to "\u00d7",
        Regex(
            "$START([0-9]{1,9})((?i:[mcdkn]m|[cdkm]?m[23]|[\u03bc\u039c]m|[km\u03bc\u039c]g|[mc]l|[km][vw]h?|mah?|" +
                "[km]?[\u03a9\u03c9]|[kmg]?hz|[kmgt]b|ms|min|bar|[km]pa|px|dpi))$END",
        ) to "$1 $2",
    ) + FRACTIONS.split(' ').map { Regex("(?:(?<=[0-9]) )?(?<![0-9/.])${it.substring(1)}(?![0-9/])") to it.take(1) }

    /** Letters that people also write otherwise, and `unicode61` keeps apart. */
    private const val SPELLED =
        "\u0153oe \u0152oe \u00e6ae \u00c6ae \u01fdae \u01fcae \u00dfss \u1e9ess \u00f8o \u00d8o \u01ffo \u01feo " +
            "\u0111d \u0110d \u0142l \u0141l \u0131i \u0451\u0435 \u0401\u0435 \u0622\u0627 \u0623\u0627 \u0625\u0627 " +
            "\u0671\u0627 \u0649\u064a \u06cc\u064a \u0629\u0647 \u06a9\u0643 \u0901\u0902 \u06c1\u0647 \u06c0\u0647 " +
            "\u06c2\u0647 \u06c3\u0647 \u09ce\u09a4\u09cd \u0d7a\u0d23\u0d4d \u0d7b\u0d28\u0d4d \u0d7c\u0d30\u0d4d " +
            "\u0d7d\u0d32\u0d4d \u0d7e\u0d33\u0d4d \u05f0\u05d5\u05d5 \u05f1\u05d5\u05d9 \u05f2\u05d9\u05d9"
    private val LETTERS: Map<Char, String> = SPELLED.split(' ').associate { it[0] to it.substring(1) }

    /** A nasal before a consonant, which is also written as a point. */
    private val NASAL = Regex("[\u0919\u091e\u0923\u0928\u092e]\u094d(?=[\u0915-\u0939])")

    /** Where the digits of other scripts begin; ten each follow one another. */
    private const val DIGITS = "\u0660\u06f0\u0966\u09e6\u0a66\u0ae6\u0b66\u0be6\u0c66\u0ce6\u0d66\u0e50\u0ed0\u0f20\u1040\u17e0\u1810"

    /** Returns a text as it is looked up: marks and letters folded, runs of scripts without spaces in overlapping cuts. */
    fun folded(text: String): String = spaced(text).let { if (isAscii(it)) it else fold(it) }

    /** Returns what is also asked of a question whose folded [text] is known, each once; `runtime/phrases.py` has the same. */
    fun phrases(question: String, text: String): List<String> {
        val uncut = whole(question)
        val numbers = numbers(text)
        val names = (all(COMPOUND, text).filterNot(ORDINARY::matches) + numbers)
            .filter { it.codePointCount(0, it.length) <= LONGEST }.distinct().take(PHRASES)
        val pairs = PAIR.findAll(text).map { it.groupValues[1] }.filterNot { pair -> ORDINARY.matches(pair) || names.any { pair in it } }
        val runs = CUTS.flatMap { all(it.first, uncut) }
        val short = (all(SHORT, uncut) + runs.flatMap(::beside)).map { "$it*" }
        return (names + joined(text, MARKED) + pairs + marked(uncut) + short).distinct().take(PHRASES)
    }

    private fun marked(text: String): List<String> =
        BETWEEN.findAll(text).map { it.groupValues.drop(1) }.filter { it[0] != "" || it[2] != "" }
            .map { sides -> sides.filter { it != "" }.joinToString(" ") + if (sides[2] == "") "" else "*" }.toList()

    private fun joined(text: String, more: Regex): List<String> =
        (listOf(THOUSANDS, HYPHENED, more).flatMap { all(it, text) } + numbers(text).filterNot { '.' in it })
            .map { SEPARATORS.replace(it, "") }.filter(CODE::matches).distinct()

    private fun numbers(text: String): List<String> = all(NUMBERS, text).filter { name -> name.any { it in " ()" } }

    private fun all(way: Regex, text: String): List<String> = way.findAll(text).map { it.value }.toList()

    private fun whole(text: String): String = if (isAscii(text)) text else composed(text)

    private fun spaced(text: String): String {
        var found = whole(text)
        // First, since a number with its unit stands alone only once neighbours of these scripts are cut off.
        if (!isAscii(found)) for ((run, size) in CUTS) found = run.replace(found) { " ${overlapping(it.value, size)} " }
        for ((way, plain) in PLAINER) found = way.replace(found, plain)
        return (listOf(found) + joined(found, LETTERED)).joinToString("\n")
    }

    private fun composed(text: String): String {
        val seen = APART.replace(RAISED.replace(BROKEN.replace(UNSEEN.replace(text, ""), ""), " "), " $0 ")
        val whole = WHOLE.replace(seen) { Normalizer.normalize(it.value, Normalizer.Form.NFKC) }
        return String(SIGNS.replace(MARKS.replace(whole, ""), " ").map(::digit).toCharArray())
    }

    private fun fold(text: String): String = NASAL.replace(buildString { for (char in text) append(LETTERS[char] ?: bare(char)) }, "\u0902")

    /** Of the slash between raised digits too. */
    private fun digit(char: Char): Char =
        if (char == '\u2044') '/' else DIGITS.firstOrNull { char - it in 0..9 }?.let { '0' + (char - it) } ?: char

    private fun bare(char: Char): String =
        if (isGreek(char)) MARKS.replace(Normalizer.normalize(char.toString(), Normalizer.Form.NFD), "") else char.toString()

    private fun isGreek(char: Char): Boolean = char in '\u0370'..'\u03ff' || char in '\u1f00'..'\u1fff'

    private fun beside(run: String): List<String> {
        val noun = PARTICLE.matchEntire(run)?.let { listOf(it.groupValues[1]) }.orEmpty()
        return if (run.codePointCount(0, run.length) > 1) all(LONE, run) + noun else noun
    }

    /** By code points: ideographs of the second plane are two chars. */
    private fun overlapping(run: String, size: Int): String {
        val starts = run.indices.filter { it == 0 || !(run[it].isLowSurrogate() && run[it - 1].isHighSurrogate()) } + run.length
        val count = starts.size - 1
        val cuts = (0..maxOf(count - size, 0)).map { run.substring(starts[it], starts[minOf(it + size, count)]) }
        val last = if (count < size) emptyList() else listOf(run.substring(starts[count + 1 - size]))
        return (cuts + beside(run) + last).joinToString(" ")
    }
}
