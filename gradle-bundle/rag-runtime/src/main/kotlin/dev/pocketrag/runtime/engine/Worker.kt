package dev.pocketrag.runtime.engine

import java.util.concurrent.CancellationException
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.ThreadPoolExecutor
import java.util.concurrent.TimeUnit
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.asCoroutineDispatcher
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext

/** A bundle's own thread, on which all of its work is done in turn; it ends when it has none, and begins again when there is some. */
internal class Worker {
    private val executor = ThreadPoolExecutor(1, 1, IDLE_SECONDS, TimeUnit.SECONDS, LinkedBlockingQueue()) { work ->
        // Not the priority of the caller's thread, which may be the main one.
        Thread(work, NAME).apply { isDaemon = true }.apply { priority = Thread.NORM_PRIORITY }
    }.apply { allowCoreThreadTimeOut(true) }
    private val dispatcher = executor.asCoroutineDispatcher()

    /** Does [work] there; it is given a check that throws where the caller was cancelled. */
    suspend fun <T> run(work: (check: () -> Unit) -> T): T = withContext(dispatcher) { work { ensureActive() } }

    /** Does [work] there later, whatever becomes of the caller. */
    fun enqueue(work: () -> Unit): Unit = executor.execute(work)

    /** Little is to come: the thread ends as soon as it has no work. */
    fun retire(): Unit = executor.setKeepAliveTime(1, TimeUnit.MILLISECONDS)

    private companion object {
        private const val NAME = "pocketrag"
        private const val IDLE_SECONDS = 5L
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
