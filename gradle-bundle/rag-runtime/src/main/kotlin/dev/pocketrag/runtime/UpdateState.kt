package dev.pocketrag.runtime

/** How far an update is; a failure is a [RagException], mostly an [UpdateException]. */
public sealed interface UpdateState {
    /** Signature, name, contract and base are compared. */
    public data object Checking : UpdateState

    /** The new version's files are made beside the present ones: so many bytes of so many. */
    public data class Applying(public val doneBytes: Long, public val totalBytes: Long) : UpdateState

    /** The new version answers its golden texts. */
    public data object Testing : UpdateState

    /** The next search is answered by this version. */
    public data class Installed(public val version: String) : UpdateState
}

/** What Java is told of an update. */
public fun interface UpdateListener {
    public fun onState(state: UpdateState)
}
