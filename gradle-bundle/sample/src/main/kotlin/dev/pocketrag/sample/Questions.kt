package dev.pocketrag.sample

import android.content.Context
import dev.pocketrag.runtime.Mode
import dev.pocketrag.runtime.Rag
import dev.pocketrag.runtime.RagException
import dev.pocketrag.runtime.RagHolder
import dev.pocketrag.runtime.RagOptions
import java.io.Closeable
import kotlin.time.measureTimedValue
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.MainScope
import kotlinx.coroutines.cancel
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch

/** What takes no longer shows no progress, which would only flicker. */
private const val QUICK_MILLIS = 300L

/** The bundle and what was asked of it; outlives the activity that is made anew when the phone is turned, as a ViewModel does. */
internal class Questions(context: Context, private val bundle: String) : Closeable {
    private val app: Context = context.applicationContext
    private val scope: CoroutineScope = MainScope()
    private val rag = RagHolder(app, bundle, RagOptions(start = startingEncoder(app)))
    private val now = MutableStateFlow(Screen())
    private var running: Job? = null

    val screen: StateFlow<Screen> = now.asStateFlow()

    /** Null where no language model came with the bundle. */
    val answers: Answering? = answering(app, bundle)

    /** Opens before the first question; an app that does other things too leaves that to the first one. */
    fun open(): Unit = run { opened {} }

    /** @param mode null: as the bundle measured best. */
    fun ask(question: String, mode: Mode?): Unit = run {
        opened { rag ->
            val (answer, time) = measureTimedValue { rag.search(question, mode = mode) }
            now.update { it.copy(answer = answer, millis = time.inWholeMilliseconds) }
            answers?.answer(rag, question)
        }
    }

    fun test(): Unit = run {
        opened { rag ->
            val result = rag.selfTest()
            now.update { it.copy(test = result) }
        }
    }

    override fun close() {
        scope.cancel()
        answers?.close()
        rag.close()
    }

    private suspend fun opened(work: suspend (Rag) -> Unit) {
        // For the progress alone: the holder installs too. A question that came meanwhile goes on where it was.
        if (now.value.manifest == null) Rag.installation(app, bundle).collect { state -> now.update { it.copy(installing = state) } }
        rag.withRag { rag ->
            now.update { it.copy(manifest = rag.manifest, installing = null) }
            work(rag)
        }
    }

    /** One call at a time: the next one cancels it. */
    private fun run(work: suspend () -> Unit) {
        running?.cancel()
        running = scope.launch {
            now.update { it.copy(failure = null, installing = null) }
            val slow = launch {
                delay(QUICK_MILLIS)
                now.update { it.copy(working = true) }
            }
            try {
                work()
            } catch (error: RagException) {
                now.update { it.copy(failure = error) }
            }
            slow.cancel()
            now.update { it.copy(working = false, installing = null) }
        }
    }
}
