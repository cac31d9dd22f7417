package dev.pocketrag.harness

import dev.pocketrag.runtime.FolderSource
import dev.pocketrag.runtime.Rag
import dev.pocketrag.runtime.RagException
import dev.pocketrag.runtime.engine.Opening
import java.io.File
import java.util.concurrent.atomic.AtomicInteger
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import org.json.JSONArray
import org.json.JSONObject

private fun sources(task: JSONObject) = task.getJSONArray("folders").texts().map { FolderSource(File(it)) }

/** All that suspends, called on a thread that must not be blocked; the models are slow. */
internal fun unblocked(task: JSONObject): Any {
    val given = Given(task)
    val caller = Caller()
    // Warm: loading a class may block a thread.
    for (round in 1..2) {
        given.refused = if (round == 2) caller.thread else null
        if (round == 2) caller.forget()
        val question = task.getJSONArray("requests").getJSONObject(0)
        caller.run {
            val rag = Opening(given, options(task)).open(sources(task))
            val answer = asked(rag, question)
            rag.context(answer, 100)
            rag.nearest(rag.embed(question.getString("question")), 3)
            rag.passage(answer.hits.first().passage.id)
            rag.selfTest()
            val waiting = launch { asked(rag, question) }
            delay(1)
            waiting.cancel()
            rag.closeAndJoin()
        }
    }
    return JSONObject().put("blocked", caller.blocked).put("millis", caller.longestMillis).put("open", JSONArray(given.open))
}

/** 50 searches at once, each asking one of `requests`, from several threads; then it is closed while searches wait. */
internal fun many(task: JSONObject): Any {
    val given = Given(task)
    val rag = opened(task, given)
    val requests = task.getJSONArray("requests").objects()
    val answers = runBlocking(Dispatchers.Default) {
        List(CALLERS) { async { answered(asked(rag, requests[it % requests.size])) } }.awaitAll()
    }
    val ends = runBlocking(Dispatchers.Default) {
        val waiting = List(CALLERS) { async { outcome { answered(asked(rag, requests[it % requests.size])).toString() } } }
        delay(1)
        rag.closeAndJoin()
        waiting.awaitAll()
    }
    val late = runBlocking { outcome { asked(rag, requests[0]).toString() } }
    return JSONObject().put("answers", JSONArray(answers)).put("ends", JSONArray(ends)).put("late", late).put("open", JSONArray(given.open))
}

private const val CALLERS = 50

/** A caller that is cancelled while another's slow search runs: how long it waits then, and how many models ran in all. */
internal fun impatient(task: JSONObject): Any {
    val given = Given(task)
    val rag = opened(task, given)
    val request = task.getJSONArray("requests").getJSONObject(0)
    val runs = AtomicInteger()
    val row = JSONObject()
    runBlocking(Dispatchers.Default) {
        given.onWork = { runs.incrementAndGet() }
        val first = async { answered(asked(rag, request)) }
        while (runs.get() == 0) delay(1)
        val second = launch { asked(rag, request) }
        delay(5)
        val start = System.nanoTime()
        second.cancelAndJoin()
        row.put("millis", (System.nanoTime() - start) / NANOS).put("first", if (first.isCompleted) "done" else "runs")
        row.put("answer", first.await())
        val alone = runs.getAndSet(0)
        asked(rag, request)
        row.put("work", alone).put("work of one", runs.get())
        rag.closeAndJoin()
    }
    return row.put("open", JSONArray(given.open))
}

private const val NANOS = 1_000_000

/** "" where it went well, else the name of what was thrown. */
private suspend fun outcome(work: suspend () -> String): String =
    try {
        work().let { "" }
    } catch (error: RagException) {
        error.javaClass.simpleName
    }

/** Opens, asks and closes `times` times; what is open at the end, of how many threads. */
internal fun cycles(task: JSONObject): Any {
    val given = Given(task)
    val requests = task.getJSONArray("requests").objects()
    val answers = HashSet<String>()
    repeat(task.getInt("times")) {
        runBlocking {
            val rag = Opening(given, options(task)).open(sources(task))
            answers += answered(asked(rag, requests[it % requests.size])).toString()
            rag.closeAndJoin()
        }
    }
    // A thread that has no more work ends at once, but not in the same instant.
    Thread.sleep(500)
    val threads = Thread.getAllStackTraces().keys.count { it.name == "pocketrag" }
    return JSONObject().put("answers", JSONArray(answers)).put("open", JSONArray(given.open)).put("threads", threads)
        .put("opened", given.opened.size)
}

/**
 * Opens, asks, reads contexts and tests itself, and cancels at the n-th moment at which a file is opened, a model run, or SQL asked: at
 * each of the first, then at fewer, since the self-test repeats itself. What is asked afterwards must be answered as before, and nothing
 * may stay open.
 */
internal fun cancelled(task: JSONObject): Any {
    val rows = ArrayList<JSONObject>()
    var at = 1
    while (true) {
        val row = cancelledAt(task, at)
        rows += row
        if (!row.has("cancelled")) break
        at += 1 + at / EACH * at / 4
    }
    return JSONArray(rows)
}

/** At so many moments each is tried: opening, and the first searches. */
private const val EACH = 50

private fun cancelledAt(task: JSONObject, at: Int): JSONObject {
    val given = Given(task)
    val moments = AtomicInteger()
    val row = JSONObject().put("at", at)
    runBlocking(Dispatchers.Default) {
        val job = async(start = CoroutineStart.LAZY) {
            Opening(given, options(task)).open(sources(task)).use { everything(it, task) }
        }
        given.onWork = { if (moments.incrementAndGet() == at) job.cancel() }
        try {
            job.await()
        } catch (_: CancellationException) {
            row.put("cancelled", true)
        }
        given.onWork = {}
    }
    return row.put("open", leftOpen(given)).put("again", again(task))
}

private suspend fun everything(rag: Rag, task: JSONObject) {
    for (request in task.getJSONArray("requests").objects()) rag.context(asked(rag, request), 100)
    rag.selfTest()
}

/** What stays open; closing goes on for a moment. */
private fun leftOpen(given: Given): JSONArray {
    val end = System.nanoTime() + 5_000_000_000
    while (given.open.isNotEmpty() && System.nanoTime() < end) Thread.sleep(1)
    return JSONArray(given.open)
}

private fun again(task: JSONObject): JSONArray = opened(task).use { rag ->
    JSONArray(task.getJSONArray("requests").objects().take(1).map { answered(answer(rag, it)) })
}
