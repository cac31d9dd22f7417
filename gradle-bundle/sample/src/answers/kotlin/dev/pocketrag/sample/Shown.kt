package dev.pocketrag.sample

import dev.pocketrag.answer.AnswerPart
import dev.pocketrag.answer.Source
import dev.pocketrag.delivery.PackState

/** All that the card of an answer shows; a new one for each change. */
internal data class Shown(
    /** Whether something was asked. */
    val asked: Boolean = false,
    val sources: List<Source> = emptyList(),
    /** What the model has written so far; nothing of it was checked. */
    val draft: String = "",
    /** What is to be shown in its place: [AnswerPart.Done] or [AnswerPart.Refused]. */
    val last: AnswerPart? = null,
    /** The bytes of a model that this phone could carry and does not have; null where there is nothing to fetch. */
    val missing: Long? = null,
    /** How far its download is; null where nobody has asked for it. */
    val download: PackState? = null,
) {
    /** The same after one more part of the answer. */
    fun with(part: AnswerPart): Shown = when (part) {
        is AnswerPart.Searching -> copy(asked = true, sources = emptyList(), draft = "", last = null)
        is AnswerPart.Sources -> copy(sources = part.sources)
        is AnswerPart.Text -> copy(draft = draft + part.text)
        is AnswerPart.Done, is AnswerPart.Refused -> copy(draft = "", last = part)
    }
}
