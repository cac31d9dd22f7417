package dev.pocketrag.answer

/** What becomes of a question, as it comes. The last part is [Done] or [Refused]. */
public sealed interface AnswerPart {
    /** The bundle is searched. */
    public data object Searching : AnswerPart

    /** What the answer will be made from; shown with every answer, and in its place where there is none. Once, before any text. */
    public data class Sources(public val sources: List<Source>) : AnswerPart

    /** What the model writes next. Nothing of it was checked: what [Done] says takes its place. */
    public data class Text(public val text: String) : AnswerPart

    /**
     * What is to be shown.
     *
     * @param text the model's answer, which names the sources [citations] as [1] and quotes them truly; with [quotes] those, a line each.
     * @param quotes sentences of the passages, in place of an answer: where there is none, or it did not hold.
     * @param why no answer is shown, in English; null where one is.
     */
    public data class Done(
        public val text: String,
        public val citations: List<Int>,
        public val quotes: List<Quote>,
        public val why: String?,
    ) : AnswerPart

    /**
     * The passages do not answer.
     *
     * @param text what the model says then; null where it was not asked, since the search found nothing near enough.
     * @param why in English.
     */
    public data class Refused(public val text: String?, public val why: String) : AnswerPart
}

/** A passage that an answer was made from, or several that follow each other. */
public data class Source(
    /** By which an answer names it, from 1: the best first. */
    public val number: Int,
    /** The name of the bundle that it is from. */
    public val corpus: String,
    public val source: String?,
    public val title: String,
    public val text: String,
    /** Of its passages. */
    public val ids: List<String>,
)

/** A sentence of the source [number]. */
public data class Quote(public val number: Int, public val text: String)

/** The texts that a model reads, as the recipe has them. */
public data class GeneratorPrompt(
    public val system: String,
    public val passage: String,
    public val user: String,
    public val refusal: String,
)
