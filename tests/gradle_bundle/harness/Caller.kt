package dev.pocketrag.harness

import java.lang.management.ManagementFactory
import java.util.concurrent.LinkedBlockingQueue
import kotlin.coroutines.CoroutineContext
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.async
import kotlinx.coroutines.runBlocking

/**
 * Stands for Android's main thread: one thread that does what is dispatched to it, and counts the tasks in which it was blocked by a
 * monitor or waited (`ThreadInfo`), and the processor's time of the longest.
 */
internal class Caller : CoroutineDispatcher() {
    private val tasks = LinkedBlockingQueue<Runnable>()
    private val threads = ManagementFactory.getThreadMXBean()
    val thread: Thread = Thread({ while (true) watched(tasks.take()) }, "caller").apply { isDaemon = true }

    @Volatile
    var blocked = 0
        private set

    @Volatile
    var longestMillis = 0L
        private set

    init {
        thread.start()
    }

    fun forget() {
        blocked = 0
        longestMillis = 0
    }

    override fun dispatch(context: CoroutineContext, block: Runnable): Unit = tasks.put(block)

    /** Does [work] on the thread, and waits for it on this one. */
    fun <T> run(work: suspend CoroutineScope.() -> T): T = runBlocking { CoroutineScope(this@Caller).async(block = work).await() }

    private fun watched(task: Runnable) {
        val before = waits()
        val start = threads.currentThreadCpuTime
        task.run()
        longestMillis = maxOf(longestMillis, (threads.currentThreadCpuTime - start) / 1_000_000)
        if (waits() != before) blocked++
    }

    private fun waits(): Long = threads.getThreadInfo(thread.id).let { it.blockedCount + it.waitedCount }
}
