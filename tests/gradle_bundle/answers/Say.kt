package dev.pocketrag.sample

import dev.pocketrag.answer.AnswerPart
import dev.pocketrag.answer.Quote
import dev.pocketrag.answer.Source
import dev.pocketrag.delivery.PackState
import dev.pocketrag.runtime.PackSource
import java.util.Locale
import org.json.JSONArray
import org.json.JSONObject

/** What Android does with the strings, of which [given] has the texts by their ids. */
private class Known(private val given: JSONObject) : Texts {
    override fun text(id: Int, vararg values: Any): String = given.getString(id.toString()).format(Locale.ENGLISH, *values)

    override fun count(id: Int, n: Int): String = error("no plurals here: $id, $n")
}

/** Reads {texts, parts, missing, download}; writes what the card says after each part. */
fun main() {
    val given = JSONObject(System.`in`.readBytes().toString(Charsets.UTF_8))
    val said = Said(Known(given.getJSONObject("texts")))
    val missing = if (given.has("missing")) given.getLong("missing") else null
    var shown = Shown(missing = missing, download = given.optJSONArray("download")?.let(::download))
    val cards = JSONArray().put(card(said, shown))
    val parts = given.getJSONArray("parts")
    for (n in 0 until parts.length()) {
        shown = shown.with(part(parts.getJSONArray(n)))
        cards.put(card(said, shown))
    }
    System.out.write(cards.toString().toByteArray())
    System.out.flush()
}

private fun card(said: Said, shown: Shown): JSONObject = JSONObject()
    .put("title", said.title(shown)).put("draft", shown.draft).put("text", said.text(shown)).put("note", said.note(shown))
    .put("sources", said.sources(shown)).put("download", said.download(shown)).put("fetchable", said.fetchable(shown))

private fun part(row: JSONArray): AnswerPart = when (row.getString(0)) {
    "searching" -> AnswerPart.Searching
    "sources" -> AnswerPart.Sources((1 until row.length()).map { source(it, row.getJSONArray(it)) })
    "text" -> AnswerPart.Text(row.getString(1))
    "done" -> AnswerPart.Done(row.getString(1), listOf(1), quotes(row.getJSONArray(2)), row.text(3))
    else -> AnswerPart.Refused(row.text(1), row.getString(2))
}

private fun source(number: Int, row: JSONArray) =
    Source(number, "tiny", row.text(1), row.getString(0), "its text", listOf("p$number"))

private fun quotes(rows: JSONArray) = (0 until rows.length()).map { rows.getJSONArray(it) }.map { Quote(it.getInt(0), it.getString(1)) }

private fun download(row: JSONArray): PackState = when (row.getString(0)) {
    "pending" -> PackState.Pending
    "downloading" -> PackState.Downloading(row.getLong(1), row.getLong(2))
    "transferring" -> PackState.Transferring(50)
    "confirm" -> PackState.NeedsConfirmation(row.getLong(1))
    "wifi" -> PackState.WaitingForWifi(row.getLong(1))
    "failed" -> PackState.Failed(null, row.getString(1))
    "canceled" -> PackState.Canceled
    else -> PackState.Ready(PackSource("here", "tiny.generator"))
}

private fun JSONArray.text(n: Int): String? = if (isNull(n)) null else getString(n)
