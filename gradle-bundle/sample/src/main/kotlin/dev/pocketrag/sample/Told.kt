package dev.pocketrag.sample

import dev.pocketrag.runtime.Answer
import dev.pocketrag.runtime.Hit
import dev.pocketrag.runtime.InstallState
import dev.pocketrag.runtime.Mode
import dev.pocketrag.runtime.Passage
import dev.pocketrag.runtime.Role
import dev.pocketrag.runtime.SelfTestResult

private const val SEPARATOR = " · "
private const val MEGABYTE = 1_000_000L

/** What the runtime found, in words; knows no views, so that it runs without a phone too. */
internal class Told(private val texts: Texts) {
    /** What is searched, in two lines. */
    fun bundle(name: String, version: String, passages: Int): String =
        texts.text(R.string.bundle, name, version) + "\n" + texts.count(R.plurals.passages, passages)

    /** How was ranked, and how long it took: ("Hybrid · 12 ms", the same as it is spoken). */
    fun corner(answer: Answer, millis: Long): Pair<String, String> {
        val mode = texts.text(
            when (answer.mode) {
                Mode.HYBRID -> R.string.mode_hybrid
                Mode.DENSE -> R.string.mode_dense
                Mode.BM25 -> R.string.mode_bm25
            },
        )
        return texts.text(R.string.corner, mode, millis) to texts.text(R.string.corner_spoken, mode, millis)
    }

    /** Which encoder read the question, and why that one; [role] is what the bundle holds it for. */
    fun encoder(answer: Answer, role: Role?): String {
        val fell = answer.fellBack
        val name = answer.encoder
        return when {
            fell != null -> fell
            name == null -> texts.text(R.string.encoder_none)
            role == Role.FALLBACK -> texts.text(R.string.encoder_small, name)
            else -> texts.text(R.string.encoder_main, name)
        }
    }

    /** What the user should know before the passages; null where there is nothing. */
    fun notice(answer: Answer): Notice? {
        val nothing = answer.nothing
        if (nothing != null) return Notice(texts.text(R.string.nothing), nothing)
        val best = answer.best
        val threshold = answer.threshold
        if (!answer.abstain || best == null || threshold == null) return null
        return Notice(texts.text(R.string.abstain), texts.text(R.string.abstain_why, best, threshold))
    }

    /** Where a passage is from: "handbook · page 91"; empty where the bundle does not say. */
    fun origin(passage: Passage): String =
        listOfNotNull(passage.source, passage.page?.let { texts.text(R.string.page, it) }).joinToString(SEPARATOR)

    /** Why a passage is shown: its place by meaning and by words, and how near it is to the question. */
    fun why(hit: Hit): String = listOfNotNull(
        hit.denseRank?.let { texts.text(R.string.why_dense, it) },
        hit.bm25Rank?.let { texts.text(R.string.why_bm25, it) },
        hit.cosine?.let { texts.text(R.string.why_cosine, it) },
    ).joinToString(SEPARATOR)

    /** How far the installation is. */
    fun progress(state: InstallState): String = when (state) {
        is InstallState.Checking -> texts.text(R.string.checking)
        is InstallState.Copying -> texts.text(R.string.copying, state.copiedBytes / MEGABYTE, state.totalBytes / MEGABYTE)
        is InstallState.Done -> texts.text(R.string.opening)
    }

    /** The self-test in one line: all passed, or the first check that did not. */
    fun test(result: SelfTestResult): String {
        val failed = result.checks.firstOrNull { !it.passed }
            ?: return texts.text(R.string.test_passed, result.checks.size, result.checks.size)
        val value = failed.value?.let { "%.4f".format(it) } ?: texts.text(R.string.test_unmeasured)
        return texts.text(R.string.test_failed, failed.encoder, failed.name, value, failed.limit)
    }
}

/** A box above the passages; [retry] where trying again may help. */
internal data class Notice(val title: String, val text: String, val retry: Boolean = false)
