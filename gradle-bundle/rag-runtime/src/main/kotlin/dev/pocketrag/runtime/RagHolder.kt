package dev.pocketrag.runtime

import android.content.Context
import androidx.annotation.WorkerThread
import dev.pocketrag.runtime.android.AndroidPlatform
import dev.pocketrag.runtime.android.onTrimMemory
import dev.pocketrag.runtime.engine.Opening
import dev.pocketrag.runtime.engine.blocking
import java.io.Closeable
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Deferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.async
import kotlinx.coroutines.cancel
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive

/**
 * A bundle that is opened when it is first asked, closed when memory is short, and opened again when it is asked again: for a ViewModel or
 * the application. It survives what they survive.
 *
 *     class Questions(app: Application) : AndroidViewModel(app) {
 *         private val rag = RagHolder(app, "demo")
 *         suspend fun ask(question: String) = rag.search(question)
 *         override fun onCleared() = rag.close()
 *     }
 *
 * As a field of an `Application` it is to be made `by lazy`: before `onCreate` there is no context.
 *
 * Any thread may call, the main one too. Many callers share one opening, which goes on where a caller is cancelled, and opening again
 * reads no file for its digest while none was changed. It listens to the system's calls for memory by itself from the first opening on.
 */
public class RagHolder internal constructor(
    private var options: RagOptions,
    private val listen: (onLevel: (Int) -> Unit) -> Closeable,
    private val make: suspend (RagOptions) -> Rag,
) : Closeable {
    /** @param source where the bundle comes from; by default the app's assets. */
    @JvmOverloads
    public constructor(context: Context, bundle: String, options: RagOptions = RagOptions(), source: BundleSource? = null) :
        this(context, listOf(source ?: AssetSource(context.applicationContext.assets, bundle)), options)

    /** Holds bundles of one model, which are searched together. */
    @JvmOverloads
    public constructor(context: Context, sources: List<BundleSource>, options: RagOptions = RagOptions()) :
        this(options, listening(context), making(context, sources))

    private class Held {
        /** Before the opening is completed, so that a cancellation between the two leaves nothing open. */
        @Volatile
        var rag: Rag? = null
        lateinit var opening: Deferred<Rag>
        var users = 0
        var unwanted = false
    }

    /** Guards what follows; held for a few instructions. */
    private val lock = Any()
    private var held: Held? = null
    private var closing: Rag? = null
    private var listening: Closeable? = null
    private var closed = false
    
    /** An opening works on its bundle's own thread: it must not wait for one of a pool that its callers may have filled. */
    private val scope = CoroutineScope(SupervisorJob() + Dispatchers.Unconfined)

    /** Whether the bundle takes memory. */
    public val isOpen: Boolean
        get() = synchronized(lock) { held != null }

    /**
     * Gives the opened bundle to [work], which stays open until that is done; it must neither be kept nor closed.
     *
     * @throws RagClosedException [close] was called.
     * @throws RagException it can't be opened; the next call tries again.
     */
    public suspend fun <T> withRag(work: suspend (Rag) -> T): T {
        val mine = take()
        try {
            return work(opened(mine))
        } finally {
            giveBack(mine)
        }
    }

    /** [withRag] for Java. */
    @WorkerThread
    @Throws(RagException::class)
    public fun <T> withRagBlocking(work: (Rag) -> T): T = blocking { withRag { work(it) } }

    /** See [Rag.search]. */
    public suspend fun search(
        question: String,
        limit: Int = LIMIT,
        mode: Mode? = null,
        where: Where? = null,
        threshold: Double? = null,
    ): Answer = withRag { it.search(question, limit, mode, where, threshold) }

    /** [search] for Java. */
    @WorkerThread
    @JvmOverloads
    @Throws(RagException::class)
    public fun searchBlocking(
        question: String,
        limit: Int = LIMIT,
        mode: Mode? = null,
        where: Where? = null,
        threshold: Double? = null,
    ): Answer = withRagBlocking { it.searchBlocking(question, limit, mode, where, threshold) }

    /**
     * Closes the bundle where the system means it: in the background (`TRIM_MEMORY_BACKGROUND` and above), and when memory is very short in
     * the foreground (`TRIM_MEMORY_RUNNING_CRITICAL`, of which Android 14 and later tell no app: call [release] there). Nobody need call
     * it: the holder listens by itself.
     */
    public fun trimMemory(level: Int) {
        if (level >= BACKGROUND || level == RUNNING_CRITICAL) release()
    }

    /** Closes the bundle once nobody uses it; the next call opens it again. Returns at once. */
    public fun release(): Unit = synchronized(lock) {
        val now = held ?: return
        now.unwanted = true
        dropUnused(now)
    }

    /** Closes for good. What runs is finished, what waits fails with [RagClosedException]. Returns at once. */
    override fun close() {
        val now = synchronized(lock) {
            if (closed) return
            closed = true
            listening?.close()
            held.also { held = null }
        }
        scope.cancel()
        now?.opening?.invokeOnCompletion { now.rag?.close() }
    }

    private fun take(): Held = synchronized(lock) {
        if (closed) throw RagClosedException()
        if (listening == null) listening = listen(::trimMemory)
        // A caller that was lent it may have closed it.
        val now = held?.takeUnless { it.rag?.isClosed == true } ?: open().also { held = it }
        now.users++
        now.opening.start()
        now
    }

    /** Is to be started. Waits until the one before has given its memory back: a phone may not have room for two. */
    private fun open(): Held {
        val held = Held()
        val before = closing
        val now = options
        held.opening = scope.async(start = CoroutineStart.LAZY) {
            before?.closeAndJoin()
            make(now).also { held.rag = it }
        }
        held.opening.invokeOnCompletion { error -> completed(held, error) }
        return held
    }

    private suspend fun opened(mine: Held): Rag =
        try {
            mine.opening.await()
        } catch (error: CancellationException) {
            currentCoroutineContext().ensureActive()
            // Not this caller was cancelled, but the opening: by [close].
            throw RagClosedException(error)
        }

    private fun giveBack(mine: Held): Unit = synchronized(lock) {
        mine.users--
        dropUnused(mine)
    }

    private fun completed(opened: Held, error: Throwable?): Unit = synchronized(lock) {
        if (error == null) {
            // The same process compares no digest twice.
            if (options.digests == Digests.ALWAYS) options = options.with(Digests.ONCE)
            return dropUnused(opened)
        }
        opened.rag?.close()
        if (held === opened) held = null
    }

    /** Called with the lock held. */
    private fun dropUnused(now: Held) {
        if (!now.unwanted || now.users > 0 || held !== now || !now.opening.isCompleted) return
        held = null
        closing = now.rag?.also { it.close() }
    }

    private companion object {
        /** `ComponentCallbacks2.TRIM_MEMORY_BACKGROUND` and `TRIM_MEMORY_RUNNING_CRITICAL`; the latter is deprecated since API 35. */
        private const val BACKGROUND = 40
        private const val RUNNING_CRITICAL = 15

        private fun listening(context: Context): ((Int) -> Unit) -> Closeable {
            val app = context.applicationContext
            return { app.onTrimMemory(it) }
        }

        private fun making(context: Context, sources: List<BundleSource>): suspend (RagOptions) -> Rag {
            val app = context.applicationContext
            return { Opening(AndroidPlatform(app, it), it).open(sources) }
        }
    }
}
