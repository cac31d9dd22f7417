package dev.pocketrag.runtime.tokenizer

import java.nio.Buffer
import java.nio.ByteBuffer
import java.nio.CharBuffer
import org.json.JSONException

/** Walks over JSON text without making objects of it: a vocabulary has up to a million strings, 100 MB of an app's heap. */
internal class JsonBytes(private val bytes: ByteArray, var at: Int = 0) {
    /** Calls [each] at the value of each name of an object; it must go past the value. */
    fun members(each: (String) -> Unit) {
        take('{')
        if (goesOn('}')) do {
            val name = string()
            take(':')
            each(name)
        } while (more('}'))
    }

    /** Calls [each] at every value of an array; it must go past the value. */
    fun elements(each: () -> Unit) {
        take('[')
        if (goesOn(']')) do each() while (more(']'))
    }

    /** Says whether what is opened has a first entry; the end is taken. */
    fun goesOn(end: Char): Boolean = (peek() != end).also { if (!it) at++ }

    fun more(end: Char): Boolean {
        if (peek() == end) {
            at++
            return false
        }
        take(',')
        return true
    }

    fun take(char: Char) {
        if (peek() != char) throw JSONException("no '$char' at byte $at")
        at++
    }

    /** The next character that is not white space, which stays. */
    fun peek(): Char {
        while (at < bytes.size && bytes[at] <= ' '.code) {
            if (bytes[at] < 0) return '\u0080'
            at++
        }
        return if (at < bytes.size) bytes[at].toInt().toChar() else throw JSONException("ends at byte $at")
    }

    fun string(): String {
        take('"')
        val start = at
        val out = StringBuilder()
        var from = start
        while (true) {
            when (byte()) {
                '"' -> return out.append(text(from, at - 1)).toString()
                '\\' -> {
                    out.append(text(from, at - 1)).append(escape())
                    from = at
                }
            }
        }
    }

    /** What JSON would read as a number, not yet read. */
    fun number(): String {
        peek()
        val start = at
        while (at < bytes.size && bytes[at].toInt().toChar() in "+-.0123456789eE") at++
        return text(start, at)
    }

    fun int(name: String): Int = number().toIntOrNull() ?: throw JSONException("\"$name\" has no number")

    /** Goes past a value, and returns where it started. */
    fun skip(): Int {
        peek()
        val start = at
        var depth = 0
        do {
            when (peek()) {
                '"' -> skipString()
                '{', '[' -> { depth++; at++ }
                '}', ']' -> { depth--; at++ }
                else -> at++
            }
        } while (depth > 0 || depth == 0 && at < bytes.size && bytes[at].toInt().toChar() !in ",}] \n\r\t")
        return start
    }

    private fun skipString() {
        at++
        while (true) when (byte()) {
            '"' -> return
            '\\' -> byte()
        }
    }

    private fun byte(): Char = if (at < bytes.size) bytes[at++].toInt().toChar() else throw JSONException("ends inside a string")

    private fun escape(): Char = when (val char = byte()) {
        'n' -> '\n'
        't' -> '\t'
        'r' -> '\r'
        'b' -> '\b'
        'f' -> '\u000c'
        'u' -> {
            if (at + HEX > bytes.size) throw JSONException("ends inside a string")
            at += HEX
            text(at - HEX, at).toIntOrNull(RADIX)?.toChar() ?: throw JSONException("no code point before byte $at")
        }
        else -> char
    }

    private fun text(from: Int, to: Int) = String(bytes, from, to - from, Charsets.UTF_8)
}

private const val HEX = 4
private const val RADIX = 16
private const val BUFFER = 8192

internal fun isUtf8(content: ByteArray): Boolean {
    val decoder = Charsets.UTF_8.newDecoder()
    val input = ByteBuffer.wrap(content)
    val out = CharBuffer.allocate(BUFFER)
    do {
        // Java 9 gave CharBuffer a clear of its own, which older Androids lack.
        (out as Buffer).clear()
        val result = decoder.decode(input, out, true)
        if (result.isError) return false
    } while (result.isOverflow)
    return true
}
