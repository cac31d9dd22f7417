package dev.pocketrag.runtime

import com.google.ai.edge.litert.Environment

/** What happens to a question that is longer than the model's longest length. */
public enum class LongQuestions {
    /** [QuestionTooLongException]: nobody is answered from half of a question without knowing. The default. */
    REFUSE,

    /** Its first L - 1 ids and the last one are embedded, as the desktop does; then the ranks are the desktop's. */
    CUT,
}

/** When the SHA-256 of a bundle's files is compared; sizes are at every opening. A damaged model ends the process when LiteRT reads it. */
public enum class Digests {
    /** Once for each version: while it is copied, or before it is first opened in place; again where a file's size or time changed. */
    ONCE,

    /** At every opening, of a [RagHolder] at its first: it reads the whole bundle. */
    ALWAYS,

    /** Where it is copied alone. */
    NEVER,
}

/**
 * What computes the vectors. Another than the CPU is used only where the bundle's golden texts passed there on this very phone, which is
 * tried when it is first opened and after each update of app or system; else the CPU computes, and [Answer.whyCpu] says why.
 */
public enum class Accelerator {
    /** What bundles are measured on. */
    CPU,

    /**
     * In float32, asked for the whole model; the app needs LiteRT's `litert-gpu` beside `litert`. An operation that the GPU declines only
     * when the model is set up runs on the CPU, of which LiteRT tells nothing but a line in Logcat.
     */
    GPU,

    /**
     * In float16, with the file that `pocketrag npu` compiled for this phone's SoC, where it came with the bundle ([BundleSource.npu]). The
     * app brings LiteRT's and Qualcomm's libraries (`docs/npu.md`). What is longer than that file takes, the CPU computes.
     */
    NPU,
}

/** What an app may choose; Java has a [Builder]. */
public class RagOptions(
    public val longQuestions: LongQuestions = LongQuestions.REFUSE,
    public val digests: Digests = Digests.ONCE,
    /**
     * The first encoder that is asked; [Role.FALLBACK] never opens the main one, for phones that have not the memory for it. A bundle
     * without a fallback starts at its main encoder.
     */
    public val start: Role = Role.MAIN,
    /** Of the CPU: 2 fit the big cores that every phone has, and are what the desktop's gates use. */
    public val threads: Int = 2,
    /** Where an encoder may not be used on it, the CPU computes; [Answer.accelerator] says which did, [Answer.whyCpu] why. */
    public val accelerator: Accelerator = Accelerator.CPU,
    /** LiteRT's environment of the app's own, such as the one of Google Play services; it stays open when the bundle is closed. */
    public val environment: Environment? = null,
    /** Let sqlite-vec find the candidates where the database has its table; the app ships its library as `libvec0.so`. */
    public val sqliteVec: Boolean = false,
) {
    init {
        if (threads < 1) throw IllegalArgumentException("threads is $threads: must be at least 1.")
    }

    internal fun with(digests: Digests): RagOptions =
        RagOptions(longQuestions, digests, start, threads, accelerator, environment, sqliteVec)

    /** Makes options step by step; what is not set is as the constructor has it. */
    public class Builder {
        private val defaults = RagOptions()
        private var longQuestions = defaults.longQuestions
        private var digests = defaults.digests
        private var start = defaults.start
        private var threads = defaults.threads
        private var accelerator = defaults.accelerator
        private var environment = defaults.environment
        private var sqliteVec = defaults.sqliteVec

        public fun longQuestions(value: LongQuestions): Builder = apply { longQuestions = value }

        public fun digests(value: Digests): Builder = apply { digests = value }

        public fun start(value: Role): Builder = apply { start = value }

        public fun threads(value: Int): Builder = apply { threads = value }

        public fun accelerator(value: Accelerator): Builder = apply { accelerator = value }

        public fun environment(value: Environment?): Builder = apply { environment = value }

        public fun sqliteVec(value: Boolean): Builder = apply { sqliteVec = value }

        public fun build(): RagOptions = RagOptions(longQuestions, digests, start, threads, accelerator, environment, sqliteVec)
    }
}
