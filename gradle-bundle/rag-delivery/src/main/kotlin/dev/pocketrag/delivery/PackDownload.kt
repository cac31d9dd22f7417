package dev.pocketrag.delivery

import android.content.Context
import androidx.activity.result.ActivityResultLauncher
import androidx.activity.result.IntentSenderRequest
import com.google.android.gms.tasks.Task
import com.google.android.play.core.aipacks.AiPackManager
import com.google.android.play.core.aipacks.AiPackManagerFactory
import com.google.android.play.core.aipacks.AiPackState
import com.google.android.play.core.aipacks.AiPackStateUpdateListener
import com.google.android.play.core.aipacks.model.AiPackStatus
import dev.pocketrag.runtime.PackSource
import kotlin.coroutines.resume
import kotlin.coroutines.resumeWithException
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.channels.ProducerScope
import kotlinx.coroutines.channels.awaitClose
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.callbackFlow
import kotlinx.coroutines.flow.conflate
import kotlinx.coroutines.flow.flowOn
import kotlinx.coroutines.suspendCancellableCoroutine
import kotlinx.coroutines.withContext

/**
 * Downloads a bundle's AI pack that Play does not install with the app (on-demand), or has not yet (fast-follow):
 *
 *     PackDownload(context, "rag_demo", "demo").states().collect { state ->
 *         if (state is PackState.Ready) rag = Rag.open(context, "demo", source = state.source)
 *     }
 *
 * @param pack Play's name of the pack, which is its folder's below `rag-assets/`.
 * @param bundle the bundle's name.
 */
public class PackDownload(private val manager: AiPackManager, private val pack: String, private val bundle: String) {
    public constructor(context: Context, pack: String, bundle: String) :
        this(AiPackManagerFactory.getInstance(context.applicationContext), pack, bundle)

    /**
     * Asks Play for the pack when it is collected, and tells how far it is; of states that come faster than they are collected, the newest.
     * Where the pack is there, [PackState.Ready] is all. A collector that is cancelled does not end the download: [cancel] does.
     */
    public fun states(): Flow<PackState> = callbackFlow {
        val there = located()
        if (there != null) return@callbackFlow finish(PackState.Ready(there))
        val listener = object : AiPackStateUpdateListener {
            override fun onStateUpdate(state: AiPackState) {
                if (state.name() == pack) tell(state)
            }
        }
        manager.registerListener(listener)
        manager.fetch(listOf(pack))
            .addOnSuccessListener { states -> states.packStates()[pack]?.let { tell(it) } }
            .addOnFailureListener { finish(PackState.Failed(null, it.message ?: it.toString())) }
        awaitClose { manager.unregisterListener(listener) }
    }.conflate().flowOn(Dispatchers.IO)

    /** Returns where the bundle lies; null where the pack isn't on the phone. */
    public suspend fun source(): PackSource? = withContext(Dispatchers.IO) { located() }

    /** Returns how many bytes Play would download. */
    public suspend fun size(): Long = manager.getPackStates(listOf(pack)).await().totalBytes()

    /** Shows Play's dialog for [PackState.NeedsConfirmation] and [PackState.WaitingForWifi]; false where there is nothing to confirm. */
    public fun confirm(launcher: ActivityResultLauncher<IntentSenderRequest>): Boolean = manager.showConfirmationDialog(launcher)

    /** Ends the download. */
    public fun cancel() {
        manager.cancel(listOf(pack))
    }

    /** Removes the pack from the phone. What is open goes on answering; opening it again throws `MissingBundleException`. */
    public suspend fun remove() {
        manager.removePack(pack).await()
    }

    private fun located(): PackSource? = manager.getPackLocation(pack)?.assetsPath()?.let { PackSource(it, bundle) }

    private fun ProducerScope<PackState>.tell(state: AiPackState) {
        val total = state.totalBytesToDownload()
        when (state.status()) {
            AiPackStatus.PENDING -> trySend(PackState.Pending)
            AiPackStatus.DOWNLOADING -> trySend(PackState.Downloading(state.bytesDownloaded(), total))
            AiPackStatus.TRANSFERRING -> trySend(PackState.Transferring(state.transferProgressPercentage()))
            AiPackStatus.REQUIRES_USER_CONFIRMATION -> trySend(PackState.NeedsConfirmation(total))
            AiPackStatus.WAITING_FOR_WIFI -> trySend(PackState.WaitingForWifi(total))
            AiPackStatus.COMPLETED -> finish(located()?.let { PackState.Ready(it) } ?: failed(state, "Play has the pack, but not as files"))
            AiPackStatus.CANCELED -> finish(PackState.Canceled)
            AiPackStatus.FAILED -> finish(failed(state, "Play could not download the pack"))
            // UNKNOWN and NOT_INSTALLED: what comes before Play has looked at the request.
            else -> Unit
        }
    }

    private fun failed(state: AiPackState, what: String) = PackState.Failed(state.errorCode(), "$what $pack (error ${state.errorCode()})")

    private fun ProducerScope<PackState>.finish(state: PackState) {
        trySend(state)
        close()
    }
}

/** Waits for a task of Play's. */
private suspend fun <T> Task<T>.await(): T = suspendCancellableCoroutine { waiting ->
    addOnSuccessListener { waiting.resume(it) }
    addOnFailureListener { waiting.resumeWithException(it) }
    addOnCanceledListener { waiting.cancel() }
}
