package dev.pocketrag.runtime.tokenizer

import dev.pocketrag.runtime.UnsupportedTokenizerException
import dev.pocketrag.runtime.text.Composition
import dev.pocketrag.runtime.text.Unicode
import java.util.Base64
import org.json.JSONException
import org.json.JSONObject

/** A run of spaces, as SentencePiece's converters write it. */
private const val SPACES = " {2,}"

/** Returns the normalizer that a `tokenizer.json` asks for; none is one that changes nothing. */
internal fun readNormalizer(file: String, settings: JSONObject?): Normalizer = when (val type = settings?.optString("type")) {
    null -> Normalizer { it }
    "BertNormalizer" -> BertNormalizer(settings)
    "NFC" -> Normalizer { chars(Composition.nfc(points(it))) }
    "Precompiled" -> Charsmap(file, charsmap(settings))
    "Strip" -> stripping(settings.getBoolean("strip_left"), settings.getBoolean("strip_right"))
    "Replace" -> replacing(file, settings)
    "Sequence" -> {
        val list = settings.getJSONArray("normalizers")
        val steps = List(list.length()) { readNormalizer(file, list.getJSONObject(it)) }
        Normalizer { text -> steps.fold(text) { found, step -> step.normalize(found) } }
    }
    else -> throw UnsupportedTokenizerException(file, "the normalizer $type")
}

internal fun points(text: CharArray, from: Int = 0, to: Int = text.size): IntList {
    val out = IntList(to - from)
    var at = from
    while (at < to) {
        val code = Character.codePointAt(text, at, to)
        out.add(code)
        at += Character.charCount(code)
    }
    return out
}

internal fun chars(points: IntList): CharArray = String(points.values, 0, points.size).toCharArray()

private fun charsmap(settings: JSONObject): ByteArray = try {
    Base64.getDecoder().decode(settings.getString("precompiled_charsmap"))
} catch (error: IllegalArgumentException) {
    throw JSONException("precompiled_charsmap is not Base64 (${error.message})")
}

private fun isSpace(char: Char) = Unicode.flags(char.code) and Unicode.IS_SPACE != 0

private fun stripping(left: Boolean, right: Boolean) = Normalizer { text ->
    var from = 0
    var to = text.size
    if (left) while (from < to && isSpace(text[from])) from++
    if (right) while (to > from && isSpace(text[to - 1])) to--
    text.copyOfRange(from, to)
}

private fun replacing(file: String, settings: JSONObject): Normalizer {
    val pattern = settings.getJSONObject("pattern")
    if (pattern.optString("Regex") != SPACES) throw UnsupportedTokenizerException(file, "the normalizer Replace of $pattern")
    val content = settings.getString("content")
    return Normalizer { text ->
        val out = StringBuilder(text.size)
        var at = 0
        while (at < text.size) {
            val start = at
            while (at < text.size && text[at] == ' ') at++
            if (at - start > 1) out.append(content) else out.append(text[start])
            if (at == start) at++
        }
        out.toString().toCharArray()
    }
}
