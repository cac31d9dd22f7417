package dev.pocketrag.sample

import android.app.Activity
import android.view.View
import android.view.inputmethod.EditorInfo
import android.view.inputmethod.InputMethodManager
import android.widget.EditText
import android.widget.ProgressBar
import android.widget.RadioGroup
import android.widget.TextView
import dev.pocketrag.runtime.Answer
import dev.pocketrag.runtime.InstallState
import dev.pocketrag.runtime.Mode

private const val PERCENT = 100
private const val LINES = 4

/** The views of layout/main.xml. */
internal class Page(private val activity: Activity, private val texts: Texts, private val questions: Questions) {
    private val told = Told(texts)
    private val passages = Passages(view(R.id.passages), told, texts)
    private val question: EditText = view(R.id.question)
    private val mode: RadioGroup = view(R.id.mode)
    private var shown: Answer? = null

    init {
        // The keyboard's key asks, and yet a long question is seen whole: set after the type of input, which allows one line.
        question.setHorizontallyScrolling(false)
        question.maxLines = LINES
        question.setOnEditorActionListener { _, action, _ -> (action == EditorInfo.IME_ACTION_SEARCH).also { if (it) ask() } }
        // Clicks alone: a mode is checked after a rotation too.
        for (n in 0 until mode.childCount) mode.getChildAt(n).setOnClickListener { if (shown != null) ask() }
        view<View>(R.id.ask).setOnClickListener { ask() }
        view<View>(R.id.test).setOnClickListener { questions.test() }
        view<View>(R.id.retry).setOnClickListener { if (question.text.isBlank()) questions.open() else ask() }
    }

    fun show(screen: Screen) {
        screen.manifest?.let { fill(R.id.bundle, told.bundle(it.name, it.version, it.passages)) }
        progress(screen)
        notice(screen.failure?.let { advice(it, texts) } ?: screen.answer?.let(told::notice))
        fill(R.id.test_result, screen.test?.let(told::test) ?: texts.text(R.string.test_none))
        screen.answer?.let { answer(it, screen) }
    }

    private fun answer(answer: Answer, screen: Screen) {
        val (written, spoken) = told.corner(answer, screen.millis)
        fill(R.id.corner, written)
        view<View>(R.id.corner).contentDescription = spoken
        val role = screen.manifest?.encoders?.firstOrNull { it.name == answer.encoder }?.role
        fill(R.id.encoder, told.encoder(answer, role))
        if (answer === shown) return
        passages.show(answer.hits)
        // After a rotation the place comes back by itself.
        if (shown != null) view<View>(R.id.scroll).scrollTo(0, 0)
        shown = answer
    }

    private fun progress(screen: Screen) {
        val state = screen.installing
        view<View>(R.id.progress).visibility = visible(screen.working)
        fill(R.id.progress_text, state?.let(told::progress) ?: texts.text(R.string.working))
        val bar = view<ProgressBar>(R.id.progress_bar)
        bar.isIndeterminate = state !is InstallState.Copying
        if (state is InstallState.Copying) bar.progress = (PERCENT * state.copiedBytes / state.totalBytes.coerceAtLeast(1)).toInt()
    }

    private fun notice(notice: Notice?) {
        view<View>(R.id.notice).visibility = visible(notice != null)
        fill(R.id.notice_title, notice?.title)
        fill(R.id.notice_text, notice?.text)
        view<View>(R.id.retry).visibility = visible(notice?.retry == true)
    }

    private fun ask() {
        activity.getSystemService(InputMethodManager::class.java).hideSoftInputFromWindow(question.windowToken, 0)
        val mode = when (mode.checkedRadioButtonId) {
            R.id.mode_hybrid -> Mode.HYBRID
            R.id.mode_dense -> Mode.DENSE
            R.id.mode_bm25 -> Mode.BM25
            else -> null
        }
        questions.ask(question.text.toString(), mode)
    }

    /** Writes into a text, which is gone where there is none. What it says already is not set again: it would be spoken again. */
    private fun fill(id: Int, text: String?) {
        val view = view<TextView>(id)
        view.visibility = visible(text != null)
        if (text != null && view.text.toString() != text) view.text = text
    }

    private fun visible(there: Boolean): Int = if (there) View.VISIBLE else View.GONE

    @Suppress("UNCHECKED_CAST")
    private fun <T : View> view(id: Int): T {
        val found: View = activity.findViewById(id)
        return found as T
    }
}
