package dev.pocketrag.answer.text

import java.text.Normalizer
import java.util.Locale

private val UNSEEN = Regex("[\\u00ad\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u2064\\ufeff]")
private val ALIKE = listOf(
    Regex("[\\u2018-\\u201b\\u2039\\u203a\\u02bc\\u2032\\u0060\\u00b4]") to "'",
    Regex("[\\u201c-\\u201f\\u00ab\\u00bb\\u2033\\u300c-\\u300f]") to "\"",
    Regex("\\u03c2") to "\u03c3",
    Regex("[\\u2010-\\u2015\\u2212\\ufe58\\ufe63\\uff0d]") to "-",
)
private val INNER = Regex("(?<=[<\\[(]) | (?=[>\\]).,;:!?])")
private val APART = Regex(
    "[\\x00-\\x2f\\x3a-\\x40\\x5b-\\x60\\x7b-\\xa9\\xab-\\xb4\\xb6-\\xb9\\xbb-\\xbf\\xd7\\xf7" +
        "\\u2000-\\u206f\\u3000-\\u3003\\u3008-\\u3020\\u30fb\\uff00-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff65]+",
)

/** A text in NFKC and small letters, with one kind of space, quotation mark and hyphen: `folded.py` has the same. */
internal fun folded(text: String): String {
    val small = UNSEEN.replace(Normalizer.normalize(text, Normalizer.Form.NFKC), "").lowercase(Locale.ROOT)
    val plainer = ALIKE.fold(small) { now, (way, one) -> way.replace(now, one) }
    return INNER.replace(SPACES.replace(plainer, " ").trim(' '), "")
}

/** The words of a text, folded, in order. */
internal fun words(text: String): List<String> = APART.split(folded(text)).filter { it.isNotEmpty() }
