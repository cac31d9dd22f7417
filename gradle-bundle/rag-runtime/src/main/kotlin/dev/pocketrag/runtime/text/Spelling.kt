package dev.pocketrag.runtime.text

import java.text.Normalizer

/** What no reader sees: the soft hyphen, and the byte order mark where files were joined. */
private val UNSEEN = Regex("[\u00ad\ufeff]")

/** Letters that a font drew as one: Latin, Armenian, and Arabic as it is written in a word. */
private val LIGATURES = Regex("[\ufb00-\ufb06\ufb13-\ufb17\ufb50-\ufbb1\ufbd3-\ufbff\ufe80-\ufefc]")

/** A text in NFC, without soft hyphens, its ligatures undone; for what the model gets. `formats/spelling.py` does the same. */
internal fun spell(text: String): String {
    if (isAscii(text)) return text
    val plain = LIGATURES.replace(UNSEEN.replace(text, "")) { Normalizer.normalize(it.value, Normalizer.Form.NFKC) }
    return Normalizer.normalize(plain, Normalizer.Form.NFC)
}

internal fun isAscii(text: String): Boolean = text.all { it < '\u0080' }
