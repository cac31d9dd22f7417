package dev.pocketrag.sample

import dev.pocketrag.runtime.Answer
import dev.pocketrag.runtime.InstallState
import dev.pocketrag.runtime.Manifest
import dev.pocketrag.runtime.RagException
import dev.pocketrag.runtime.SelfTestResult

/** All that the screen shows; a new one for each change. */
internal data class Screen(
    /** What the bundle says of itself; null until it was opened. */
    val manifest: Manifest? = null,
    /** How far it is copied; null once it is open. */
    val installing: InstallState? = null,
    /** Whether a call runs, and takes its time. */
    val working: Boolean = false,
    val answer: Answer? = null,
    /** How long that took. */
    val millis: Long = 0,
    val test: SelfTestResult? = null,
    /** Why the last call failed. */
    val failure: RagException? = null,
)
