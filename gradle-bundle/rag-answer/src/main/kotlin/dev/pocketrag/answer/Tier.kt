package dev.pocketrag.answer

/** What answers, from the least to the best. */
public enum class Answers {
    /** Sentences of the passages. */
    QUOTES,

    /** A language model on the phone: [Answerer]. */
    GENERATOR,

    /** A language model elsewhere, which the app asks itself: this library opens no connection. */
    SERVER,
}

/** One level of what answers, as `pocketrag tiers` has written it. */
public data class Tier(
    /** `free`, `standard` or `premium`. */
    public val name: String,
    public val answers: Answers,
    /** The least total memory of a phone, as Android reports it, in 10^6 bytes. */
    public val memoryMegabytes: Long,
    /** What is downloaded for [Answers.GENERATOR]; null for the others. */
    public val pack: TierPack?,
    /** Who is asked for [Answers.SERVER]; null for the others. */
    public val server: TierServer?,
    /** Whether it is offered at all: its exam and the recipe's limits decide. */
    public val ships: Boolean,
    /** Why it ships, or does not, in English. */
    public val why: String,
)

/** A pack of Play's, or a folder that the app downloads. */
public data class TierPack(
    /** Play's name of it. */
    public val name: String,
    /** Below `pocketrag/` in the pack's assets. */
    public val folder: String,
    /** Of all its files. */
    public val bytes: Long,
    public val files: Map<String, TierFile>,
)

/** One file of a pack. */
public data class TierFile(public val bytes: Long, public val sha256: String)

/** An endpoint with OpenAI's chat completions. */
public data class TierServer(public val url: String, public val model: String)

/** Why tiers can't be read; the message says what to do. */
public class TiersException(message: String, cause: Throwable? = null) : RuntimeException(message, cause)
