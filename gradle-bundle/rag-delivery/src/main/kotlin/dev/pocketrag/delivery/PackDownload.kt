package dev.pocketrag.delivery

import android.content.Context
import androidx.activity.result.ActivityResultLauncher
import androidx.activity.result.IntentSenderRequest
import androidx.annotation.WorkerThread
import com.google.android.gms.tasks.Task
import com.google.android.play.core.aipacks.AiPackManager
import com.google.android.play.core.aipacks.AiPackManagerFactory
import com.google.android.play.core.aipacks.AiPackState
import com.google.android.play.core.aipacks.AiPackStateUpdateListener
import com.google.android.play.core.aipacks.model.AiPackStatus
import dev.pocketrag.runtime.PackSource
import java.util.concurrent.CancellationException
import kotlin.coroutines.resume
import kotlin.coroutines.resumeWithException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.channels.ProducerScope
import kotlinx.coroutines.channels.awaitClose
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.callbackFlow
import kotlinx.coroutines.flow.conflate
import kotlinx.coroutines.flow.emitAll
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.flowOn
import kotlinx.coroutines.runBlocking
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
    public fun states(): Flow<PackState> = flow {
        val there = located()
        if (there != null) emit(PackState.Ready(there)) else emitAll(fetched())
    }.flowOn(Dispatchers.IO)

    /** [states] for Java; [onState] is called on the calling thread, and this returns after the last state. */
    @WorkerThread
    public fun statesBlocking(onState: PackListener): Unit = blocking { states().collect { onState.onState(it) } }

    /** Returns where the bundle lies; null where the pack isn't on the phone. */
    public suspend fun source(): PackSource? = withContext(Dispatchers.IO) { located() }

    /** [source] for Java. */
    @WorkerThread
    public fun sourceBlocking(): PackSource? = blocking { source() }

    /** Returns how many bytes Play would download. */
    public suspend fun size(): Long = manager.getPackStates(listOf(pack)).await().totalBytes()

    /** [size] for Java. */
    @WorkerThread
    public fun sizeBlocking(): Long = blocking { size() }

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

    /** [remove] for Java. */
    @WorkerThread
    public fun removeBlocking(): Unit = blocking { remove() }

    private fun located(): PackSource? = manager.getPackLocation(pack)?.assetsPath()?.let { PackSource(it, bundle) }

    /** Play tells on the main thread; what is made of it is made where it is collected. */
    private fun fetched(): Flow<PackState> = flow {
        told().conflate().collect { told -> told.fold(::state) { PackState.Failed(null, it.message ?: it.toString()) }?.let { emit(it) } }
    }

    private fun told(): Flow<Result<AiPackState>> = callbackFlow {
        val listener = object : AiPackStateUpdateListener {
            override fun onStateUpdate(state: AiPackState) {
                if (state.name() == pack) tell(state)
            }
        }
        manager.registerListener(listener)
        try {
            manager.fetch(listOf(pack))
                .addOnSuccessListener { states -> states.packStates()[pack]?.let { tell(it) } }
                .addOnFailureListener { finish(Result.failure(it)) }
        } catch (error: RuntimeException) {
            finish(Result.failure(error))
        }
        awaitClose { manager.unregisterListener(listener) }
    }

    private fun ProducerScope<Result<AiPackState>>.tell(state: AiPackState) {
        if (state.status() in LAST) finish(Result.success(state)) else trySend(Result.success(state))
    }

    /** What comes after it is not told: the newest would take the last one's place. */
    private fun ProducerScope<Result<AiPackState>>.finish(last: Result<AiPackState>) {
        trySend(last)
        close()
    }

    /** Null for UNKNOWN and NOT_INSTALLED, which come before Play has looked at the request. */
    private fun state(of: AiPackState): PackState? {
        val total = of.totalBytesToDownload()
        return when (of.status()) {
            AiPackStatus.PENDING -> PackState.Pending
            AiPackStatus.DOWNLOADING -> PackState.Downloading(of.bytesDownloaded(), total)
            AiPackStatus.TRANSFERRING -> PackState.Transferring(of.transferProgressPercentage())
            AiPackStatus.REQUIRES_USER_CONFIRMATION -> PackState.NeedsConfirmation(total)
            AiPackStatus.WAITING_FOR_WIFI -> PackState.WaitingForWifi(total)
            AiPackStatus.COMPLETED -> located()?.let { PackState.Ready(it) } ?: failed(of, "Play has the pack, but not as files")
            AiPackStatus.CANCELED -> PackState.Canceled
            AiPackStatus.FAILED -> failed(of, "Play could not download the pack")
            else -> null
        }
    }

    private fun failed(state: AiPackState, what: String) = PackState.Failed(state.errorCode(), "$what $pack (error ${state.errorCode()})")
}

private val LAST = setOf(AiPackStatus.COMPLETED, AiPackStatus.CANCELED, AiPackStatus.FAILED)

/** Waits for a task of Play's. */
private suspend fun <T> Task<T>.await(): T = suspendCancellableCoroutine { waiting ->
    addOnSuccessListener { waiting.resume(it) }
    addOnFailureListener { waiting.resumeWithException(it) }
    addOnCanceledListener { waiting.cancel() }
}

/** As the runtime does. */
private fun <T> blocking(work: suspend CoroutineScope.() -> T): T =
    try {
        runBlocking(block = work)
    } catch (_: InterruptedException) {
        Thread.currentThread().interrupt()
        throw CancellationException("the waiting thread was interrupted")
    }
