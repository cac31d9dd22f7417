package dev.pocketrag.runtime.accelerator

import dev.pocketrag.runtime.ModelException
import java.io.File
import java.io.IOException

/** So often an app may end while an accelerator is tried, before it is left alone: once may have been the user. */
private const val ENDS = 2
private const val PASSED = "passed"
private const val TRIED = "tried "
private const val REFUSED = "refused "

/**
 * Remembers what came of trying an accelerator: that it passed, why it did not, or that the app ended meanwhile, as a driver's fault ends
 * it without an exception. It holds while [state] is the same.
 *
 * @param file in private storage of the app's own. Where it can't be written, every opening tries anew.
 * @param state all that the outcome depends on, without the outcome.
 */
internal class Trial(private val file: File, private val state: String) {
    private val before: String? = said()

    /** Whether all golden texts passed before. */
    val passed: Boolean = before == PASSED

    /**
     * Notes that it is being tried.
     *
     * @throws ModelException it did not pass before, or the app ended each time.
     */
    fun begin() {
        if (before != null && before.startsWith(REFUSED)) throw ModelException(before.removePrefix(REFUSED))
        val ended = before?.removePrefix(TRIED)?.toIntOrNull() ?: 0
        if (ended >= ENDS) throw ModelException("the app ended $ended times while it was tried; it is tried again after an update")
        say("$TRIED${ended + 1}")
    }

    fun pass(): Unit = say(PASSED)

    /** It computes, and wrongly: so it will until something is updated. */
    fun refuse(reason: String): Unit = say(REFUSED + reason)

    /** It could not be tried, for a reason that may be gone next time. */
    fun forget() {
        file.delete()
    }

    private fun say(outcome: String) {
        try {
            file.parentFile?.mkdirs()
            file.writeText("$state\n$outcome")
        } catch (_: IOException) {
            return
        }
    }

    private fun said(): String? =
        try {
            file.takeIf { it.isFile }?.readText()?.takeIf { it.startsWith("$state\n") }?.removePrefix("$state\n")
        } catch (_: IOException) {
            null
        }
}
