package dev.pocketrag.sample

import dev.pocketrag.answer.AnswerPart
import dev.pocketrag.answer.Quote
import dev.pocketrag.answer.Source
import dev.pocketrag.delivery.PackState

private const val MEGABYTE = 1_000_000L

/** The card of an answer, in words; knows no views, so that it runs without a phone too. Null is what is not shown. */
internal class Said(private val texts: Texts) {
    fun title(shown: Shown): String? = when (val last = shown.last) {
        is AnswerPart.Done -> texts.text(if (last.why == null) R.string.answer else R.string.answer_quotes)
        is AnswerPart.Refused -> texts.text(R.string.answer_refused)
        else -> if (shown.asked) texts.text(R.string.answer_writing) else null
    }

    /** The answer, or the passages' own words in its place. */
    fun text(shown: Shown): String? = when (val last = shown.last) {
        is AnswerPart.Done -> if (last.why == null) last.text else last.quotes.joinToString("\n", transform = ::quoted)
        is AnswerPart.Refused -> last.text
        else -> null
    }

    /** Why it is not the model's answer; before it was checked, that it was not. */
    fun note(shown: Shown): String? = when (val last = shown.last) {
        is AnswerPart.Done -> last.why?.let { texts.text(R.string.answer_why, it) }
        is AnswerPart.Refused -> texts.text(R.string.answer_why, last.why)
        else -> if (shown.draft.isEmpty()) null else texts.text(R.string.answer_draft)
    }

    /** Each source by its number, whatever became of the answer. */
    fun sources(shown: Shown): String? = shown.sources.joinToString("\n", transform = ::source).ifEmpty { null }

    /** What there is to say of the model that is not here yet. */
    fun download(shown: Shown): String? {
        val megabytes = (shown.missing ?: return null) / MEGABYTE
        return when (val state = shown.download) {
            null, is PackState.Canceled -> texts.text(R.string.model_missing, megabytes)
            is PackState.Downloading -> texts.text(R.string.model_coming, state.downloadedBytes / MEGABYTE, megabytes)
            is PackState.NeedsConfirmation, is PackState.WaitingForWifi -> texts.text(R.string.model_wifi, megabytes)
            is PackState.Failed -> texts.text(R.string.model_failed, state.reason)
            is PackState.Pending, is PackState.Transferring -> texts.text(R.string.model_soon)
            is PackState.Ready -> null
        }
    }

    /** Whether the user can ask for the model. */
    fun fetchable(shown: Shown): Boolean =
        shown.missing != null && (shown.download == null || shown.download is PackState.Failed || shown.download is PackState.Canceled)

    private fun quoted(quote: Quote): String = texts.text(R.string.answer_quote, quote.text, quote.number)

    private fun source(source: Source): String {
        val title = source.title.ifEmpty { source.ids.joinToString() }
        val from = source.source ?: return texts.text(R.string.answer_source, source.number, title)
        return texts.text(R.string.answer_source_of, source.number, title, from)
    }
}
