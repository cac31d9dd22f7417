package dev.pocketrag.sample

import android.app.Activity
import android.os.Bundle
import android.view.inputmethod.EditorInfo
import android.widget.EditText
import android.widget.LinearLayout
import android.widget.ScrollView
import android.widget.TextView
import dev.pocketrag.runtime.Answer
import dev.pocketrag.runtime.RagHolder
import java.util.concurrent.Executors

/** A question field and the passages that answer it; all of it stays on the device. */
class MainActivity : Activity() {
    /** Opening and searching take their time: one thread keeps them off the main one, and in order. */
    private val worker = Executors.newSingleThreadExecutor()
    private val rag by lazy { RagHolder(this, bundle()) }

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        val question = EditText(this)
        question.hint = "Ask a question"
        question.setSingleLine()
        question.imeOptions = EditorInfo.IME_ACTION_SEARCH
        val passages = TextView(this)
        passages.setTextIsSelectable(true)
        question.setOnEditorActionListener { _, _, _ ->
            val asked = question.text.toString()
            show(passages) { told(rag.searchBlocking(asked)) }
            true
        }
        setContentView(page(question, passages))
        show(passages) { "${rag.withRagBlocking { it.manifest.passages }} passages" }
    }

    override fun onDestroy() {
        worker.execute { rag.close() }
        worker.shutdown()
        super.onDestroy()
    }

    private fun page(question: EditText, passages: TextView): LinearLayout {
        val scroll = ScrollView(this)
        scroll.addView(passages)
        val page = LinearLayout(this)
        page.orientation = LinearLayout.VERTICAL
        page.fitsSystemWindows = true
        page.addView(question)
        page.addView(scroll)
        return page
    }

    /** Does the work on the worker's thread; what went wrong says what to do. */
    private fun show(view: TextView, work: () -> String) {
        view.text = "…"
        worker.execute {
            val text = try {
                work()
            } catch (error: Exception) {
                error.message ?: error.toString()
            }
            runOnUiThread { view.text = text }
        }
    }

    /** An app knows its bundle's name; the sample takes the one that it was built with. */
    private fun bundle(): String =
        assets.list("pocketrag")?.firstOrNull()
            ?: error("This app holds no bundle: run `pocketrag gradle`, and install from the app bundle.")

    private fun told(answer: Answer): String {
        val abstain = if (answer.abstain) "The passages probably hold no answer." else null
        val notes = listOfNotNull(answer.fellBack, abstain, answer.nothing)
        val hits = answer.hits.map { "${it.rank}. ${it.passage.title}\n${it.passage.text}" }
        return (notes + hits).joinToString("\n\n")
    }
}
