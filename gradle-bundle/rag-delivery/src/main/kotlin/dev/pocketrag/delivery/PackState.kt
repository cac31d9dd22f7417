package dev.pocketrag.delivery

import dev.pocketrag.runtime.PackSource

/** How far the download of a pack is. After [Ready], [Failed] or [Canceled] nothing follows. */
public sealed interface PackState {
    /** Play will begin soon. */
    public data object Pending : PackState

    /** So many bytes of so many. */
    public data class Downloading(public val downloadedBytes: Long, public val totalBytes: Long) : PackState

    /** Play unpacks what it downloaded: so many percent. */
    public data class Transferring(public val percent: Int) : PackState

    /** The user must be asked before so many bytes are downloaded: [PackDownload.confirm]. */
    public data class NeedsConfirmation(public val totalBytes: Long) : PackState

    /** Play waits for Wi-Fi; the user may allow mobile data: [PackDownload.confirm]. */
    public data class WaitingForWifi(public val totalBytes: Long) : PackState

    /** The pack lies on the phone: `Rag.open(context, bundle, source = source)`. */
    public data class Ready(public val source: PackSource) : PackState

    /** Play could not: [errorCode] is one of `AiPackErrorCode`, or null where it did not even begin. Collect again to try again. */
    public data class Failed(public val errorCode: Int?, public val reason: String) : PackState

    /** The user stopped it, in the Play Store or in its notification. */
    public data object Canceled : PackState
}

/** What Java is told of a download. */
public fun interface PackListener {
    public fun onState(state: PackState)
}
