package dev.pocketrag.sample

import android.view.LayoutInflater
import android.view.View
import android.view.ViewGroup
import android.widget.TextView

/** The views of layout/answer.xml, above the list of passages; made once for each of these. */
internal class AnswerCard(passages: ViewGroup, private val said: Said, fetch: () -> Unit) {
    private val around = passages.parent as ViewGroup
    private val card: View = around.findViewById(R.id.answer) ?: made(passages)

    init {
        view(R.id.answer_fetch).setOnClickListener { fetch() }
    }

    fun show(shown: Shown) {
        val title = said.title(shown)
        val download = said.download(shown)
        card.visibility = visible(title != null || download != null)
        fill(R.id.answer_title, title)
        fill(R.id.answer_draft, shown.draft.ifEmpty { null })
        fill(R.id.answer_text, said.text(shown))
        fill(R.id.answer_note, said.note(shown))
        fill(R.id.answer_sources, said.sources(shown))
        fill(R.id.answer_download, download)
        view(R.id.answer_fetch).visibility = visible(said.fetchable(shown))
    }

    private fun made(passages: ViewGroup): View {
        val made = LayoutInflater.from(around.context).inflate(R.layout.answer, around, false)
        around.addView(made, around.indexOfChild(passages))
        return made
    }

    /** What it says already is not set again: it would be spoken again. */
    private fun fill(id: Int, text: String?) {
        val view = view(id) as TextView
        view.visibility = visible(text != null)
        if (text != null && view.text.toString() != text) view.text = text
    }

    private fun visible(there: Boolean): Int = if (there) View.VISIBLE else View.GONE

    private fun view(id: Int): View = card.findViewById(id)
}
