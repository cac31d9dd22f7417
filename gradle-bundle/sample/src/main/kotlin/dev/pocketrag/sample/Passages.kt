package dev.pocketrag.sample

import android.view.LayoutInflater
import android.view.View
import android.view.ViewGroup
import android.widget.Button
import android.widget.TextView
import dev.pocketrag.runtime.Hit

/** As layout/passage.xml has it. */
private const val FEW = 5

/** A card of layout/passage.xml for each passage found. */
internal class Passages(private val list: ViewGroup, private val told: Told, private val texts: Texts) {
    fun show(hits: List<Hit>) {
        list.removeAllViews()
        val inflater = LayoutInflater.from(list.context)
        for (hit in hits) list.addView(inflater.inflate(R.layout.passage, list, false).also { fill(it, hit) })
    }

    private fun fill(card: View, hit: Hit) {
        write(card, R.id.rank, hit.rank.toString()).contentDescription = texts.text(R.string.rank_spoken, hit.rank)
        write(card, R.id.title, hit.passage.title)
        write(card, R.id.origin, told.origin(hit.passage))
        write(card, R.id.text, hit.passage.text)
        write(card, R.id.why, told.why(hit))
        val more: View = card.findViewById(R.id.more)
        more.setOnClickListener { turn(card.findViewById(R.id.text), more as Button) }
    }

    /** The first lines of a passage, or all of it, which can be copied then. */
    private fun turn(text: View, more: Button) {
        val whole = (text as TextView).maxLines == FEW
        text.maxLines = if (whole) Int.MAX_VALUE else FEW
        text.setTextIsSelectable(whole)
        more.text = texts.text(if (whole) R.string.shorter else R.string.whole)
    }

    private fun write(card: View, id: Int, text: String): View {
        val view: View = card.findViewById(id)
        (view as TextView).text = text
        view.visibility = if (text.isEmpty()) View.GONE else View.VISIBLE
        return view
    }
}
