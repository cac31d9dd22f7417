package dev.pocketrag.runtime

/** How far an installation is; a failure is a [RagException]. */
public sealed interface InstallState {
    /** What is there already is looked at. */
    public data object Checking : InstallState

    /** Bytes are copied to private storage: so many of so many. */
    public data class Copying(public val copiedBytes: Long, public val totalBytes: Long) : InstallState

    /** The bundle can be opened; [copiedBytes] is 0 where nothing had to be copied. */
    public data class Done(public val copiedBytes: Long) : InstallState
}

/** What Java is told of an installation. */
public fun interface InstallListener {
    public fun onState(state: InstallState)
}
