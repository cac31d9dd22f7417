package dev.pocketrag.harness

import dev.pocketrag.runtime.Answer
import dev.pocketrag.runtime.FolderSource
import dev.pocketrag.runtime.RagClosedException
import dev.pocketrag.runtime.RagException
import dev.pocketrag.runtime.RagHolder
import dev.pocketrag.runtime.engine.Opening
import java.io.Closeable
import java.io.File
import java.util.concurrent.atomic.AtomicInteger
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.json.JSONArray
import org.json.JSONObject

private const val BACKGROUND = 40
private const val UI_HIDDEN = 20
private const val RUNNING_CRITICAL = 15

/** A holder whose openings are counted. */
private class Counted(val task: JSONObject, val given: Given = Given(task)) {
    val openings = AtomicInteger()
    val listeners = ArrayList<(Int) -> Unit>()
    val holder = RagHolder(options(task), { onLevel -> listeners.add(onLevel).let { Closeable { listeners.remove(onLevel) } } }) {
        openings.incrementAndGet()
        Opening(given, it).open(listOf(FolderSource(File(task.getJSONArray("folders").getString(0)))))
    }
    val question: String = task.getJSONArray("requests").getJSONObject(0).getString("question")

    suspend fun search(): String = ids(holder.search(question))

    suspend fun untilClosed(): Boolean = withTimeout(5_000) {
        while (given.open.isNotEmpty()) delay(1)
        true
    }
}

private fun ids(answer: Answer): String = answer.hits.joinToString(" ") { it.passage.id }

/** What a holder does, in turn; each row is a name and what was found. */
internal fun held(task: JSONObject): Any {
    val row = JSONObject()
    runBlocking(Dispatchers.Default) {
        shared(Counted(task), row)
        cancelledCallers(Counted(task), row)
        failing(task, row)
        closing(Counted(task), row)
    }
    return row
}

private suspend fun shared(one: Counted, row: JSONObject) = runBlocking(Dispatchers.Default) {
    row.put("open before", one.holder.isOpen)
    val answers = List(20) { async { one.search() } }.awaitAll()
    row.put("answers", JSONArray(answers.distinct())).put("openings", one.openings.get()).put("open", one.holder.isOpen)
    one.listeners.single()(UI_HIDDEN)
    row.put("after hidden", one.holder.isOpen)
    for (level in listOf(BACKGROUND, RUNNING_CRITICAL)) {
        one.listeners.single()(level)
        row.put("closed at $level", one.untilClosed() && !one.holder.isOpen)
        row.put("again after $level", one.search())
    }
    row.put("openings at last", one.openings.get())
    // While it is used it stays open; then it is closed.
    val inside = CompletableDeferred<Unit>()
    val go = CompletableDeferred<Unit>()
    val using = launch {
        one.holder.withRag {
            inside.complete(Unit)
            go.await()
            row.put("used", ids(it.search(one.question)))
        }
    }
    inside.await()
    one.holder.trimMemory(BACKGROUND)
    row.put("joined", one.search()).put("openings while used", one.openings.get())
    go.complete(Unit)
    using.join()
    row.put("closed after use", one.untilClosed())
    one.holder.close()
    row.put("listeners", one.listeners.size)
}

/** Callers that block all threads of the default dispatcher before the bundle is open; and one that closes what it is lent. */
internal fun crowded(task: JSONObject): Any {
    val one = Counted(task)
    val callers = Runtime.getRuntime().availableProcessors() + 2
    val answers = runBlocking(Dispatchers.Default) { List(callers) { async { ids(one.holder.searchBlocking(one.question)) } }.awaitAll() }
    val after = runBlocking {
        one.holder.withRag { rag -> rag.use { it.search(one.question) } }
        one.search()
    }
    one.holder.close()
    return JSONObject().put("answers", JSONArray(answers.distinct())).put("after it was closed", after)
        .put("openings", one.openings.get()).put("closed", runBlocking { one.untilClosed() })
}

private suspend fun cancelledCallers(one: Counted, row: JSONObject) = runBlocking(Dispatchers.Default) {
    val impatient = launch { one.search() }
    delay(2)
    impatient.cancelAndJoin()
    row.put("after a cancelled caller", one.search()).put("its openings", one.openings.get())
    one.holder.close()
    row.put("all closed", one.untilClosed())
}

/** The next call tries again. */
private suspend fun failing(task: JSONObject, row: JSONObject) {
    var broken = true
    val given = Given(task)
    val holder = RagHolder(options(task), { Closeable {} }) {
        val folder = if (broken) "/nowhere" else task.getJSONArray("folders").getString(0)
        Opening(given, it).open(listOf(FolderSource(File(folder))))
    }
    val question = task.getJSONArray("requests").getJSONObject(0).getString("question")
    row.put("broken", thrown { holder.search(question) })
    broken = false
    row.put("mended", ids(holder.search(question)))
    holder.close()
}

private suspend fun closing(one: Counted, row: JSONObject) = runBlocking(Dispatchers.Default) {
    val waiting = async { thrown { one.search() } }
    while (one.openings.get() == 0) delay(1)
    one.holder.close()
    row.put("waiting", waiting.await()).put("late", thrown { one.search() }).put("closed while opening", one.untilClosed())
}

private suspend fun thrown(work: suspend () -> Any): String =
    try {
        work().toString()
    } catch (error: RagException) {
        error.javaClass.simpleName.also { check(error !is RagClosedException || error.message.orEmpty().contains("closed")) }
    }
