package dev.pocketrag.runtime.engine

import java.util.concurrent.CancellationException
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.ThreadPoolExecutor
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicBoolean
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext

/** A bundle's own thread, on which all of its work is done in turn; the same one to the end, since what a GPU holds may be a thread's. */
internal class Worker {
    private val executor = ThreadPoolExecutor(1, 1, 1, TimeUnit.MILLISECONDS, LinkedBlockingQueue()) { work ->
        // Not the priority of the caller's thread, which may be the main one.
        Thread(work, NAME).apply { isDaemon = true }.apply { priority = Thread.NORM_PRIORITY }
    }

    /**
     * Does [work] there; it is given a check that throws where the caller was cancelled. A caller that is cancelled before its turn returns
     * at once, and its work is not done; one that is cancelled later returns when its work has ended.
     */
    suspend fun <T> run(work: (check: () -> Unit) -> T): T {
        val caller = currentCoroutineContext()
        val turn = Turn { work { caller.ensureActive() } }
        enqueue(turn::take)
        val result = turn.await()
        caller.ensureActive()
        return result.getOrThrow()
    }

    /** Does [work] there later, whatever becomes of the caller. */
    fun enqueue(work: () -> Unit): Unit = executor.execute(work)

    /** Little is to come: the thread ends as soon as it has no work. */
    fun retire(): Unit = executor.allowCoreThreadTimeOut(true)

    private companion object {
        private const val NAME = "pocketrag"
    }
}

/** Work that is done in its turn, unless nobody waits for it by then. */
private class Turn<T>(private val work: () -> T) {
    private val taken = AtomicBoolean()
    private val begun = CompletableDeferred<Unit>()
    private val result = CompletableDeferred<Result<T>>()

    fun take() {
        if (taken.getAndSet(true)) return
        begun.complete(Unit)
        result.complete(runCatching(work))
    }

    suspend fun await(): Result<T> {
        try {
            begun.await()
        } catch (error: CancellationException) {
            if (!taken.getAndSet(true)) throw error
        }
        return withContext(NonCancellable) { result.await() }
    }
}

/** Waits on the calling thread; an interrupt cancels the work. */
internal fun <T> blocking(work: suspend CoroutineScope.() -> T): T =
    try {
        runBlocking(block = work)
    } catch (_: InterruptedException) {
        Thread.currentThread().interrupt()
        throw CancellationException("the waiting thread was interrupted")
    }
