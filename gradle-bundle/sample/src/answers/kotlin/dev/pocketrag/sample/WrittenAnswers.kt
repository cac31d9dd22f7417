package dev.pocketrag.sample

import android.content.Context
import android.view.ViewGroup
import dev.pocketrag.answer.Answerer
import dev.pocketrag.answer.TierPack
import dev.pocketrag.answer.Tiers
import dev.pocketrag.delivery.PackDownload
import dev.pocketrag.delivery.PackState
import dev.pocketrag.runtime.Rag
import java.io.File
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.MainScope
import kotlinx.coroutines.cancel
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch

/** Answers as the best tier of this phone does: in its own words where the model is here, else by the passages' own. */
internal class WrittenAnswers(context: Context, bundle: String) : Answering {
    private val app: Context = context.applicationContext
    private val scope: CoroutineScope = MainScope()
    private val tiers = Tiers.read(app, bundle)

    /** Null on phones that can't carry the model: nothing is downloaded there. */
    private val pack: TierPack? = tiers.worthFetching(app)
    private val download = pack?.let { PackDownload(app, it.name, it.folder) }
    private val now = MutableStateFlow(Shown())
    private var answerer: Answerer? = null
    private var fetching: Job? = null

    override suspend fun answer(rag: Rag, question: String) {
        val ready = answerer ?: made(download?.source()?.folder).also { answerer = it }
        try {
            ready.answer(rag, question).collect { part -> now.update { it.with(part) } }
        } finally {
            // Cancelled or failed: what was begun is no answer.
            now.update { if (it.last == null) it.copy(asked = false, sources = emptyList(), draft = "") else it }
        }
    }

    override suspend fun show(passages: ViewGroup) {
        val card = AnswerCard(passages, Said(ResourceTexts(passages.resources)), ::fetch)
        if (download != null && download.source() == null) now.update { it.copy(missing = pack?.bytes) }
        now.collect { card.show(it) }
    }

    override fun close() {
        scope.cancel()
        answerer?.close()
    }

    private fun made(folder: File?): Answerer {
        val there = setOfNotNull(pack?.folder.takeIf { folder != null })
        return Answerer(app, tiers.choose(app, there), folder)
    }

    /** Play asks before it downloads much over mobile data: an app with AndroidX lets its user confirm (`PackDownload.confirm`). */
    private fun fetch() {
        if (download == null || fetching?.isActive == true) return
        fetching = scope.launch {
            download.states().collect { state ->
                now.update { it.copy(download = state) }
                if (state is PackState.Ready) arrived()
            }
        }
    }

    /** The next question is answered with it. */
    private fun arrived() {
        answerer?.close()
        answerer = null
        now.update { it.copy(missing = null, download = null) }
    }
}
