package dev.pocketrag.sample

import android.app.Activity
import android.os.Bundle
import android.view.View
import android.view.ViewGroup
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.launch

/** Opened where the app holds no bundle, which then says so. */
private const val NO_BUNDLE = "demo"

/** A question field and the passages that answer it; all of it stays on the device. */
class MainActivity : Activity() {
    private lateinit var questions: Questions
    private lateinit var page: Page
    private var watching: Job? = null

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        setContentView(R.layout.main)
        questions = retained() ?: Questions(this, bundle()).also { it.open() }
        page = Page(this, ResourceTexts(resources), questions)
    }

    /** At once, before the place in the list is restored. */
    override fun onStart() {
        super.onStart()
        val passages: View = findViewById(R.id.passages)
        watching = CoroutineScope(Dispatchers.Main.immediate).launch {
            launch { questions.answers?.show(passages as ViewGroup) }
            questions.screen.collect { page.show(it) }
        }
    }

    override fun onStop() {
        watching?.cancel()
        super.onStop()
    }

    /** A ViewModel of AndroidX is kept in the same way: the bundle stays open while the phone is turned. Older SDKs call it deprecated. */
    @Suppress("OVERRIDE_DEPRECATION")
    override fun onRetainNonConfigurationInstance(): Any = questions

    override fun onDestroy() {
        if (!isChangingConfigurations) questions.close()
        super.onDestroy()
    }

    @Suppress("DEPRECATION")
    private fun retained(): Questions? = lastNonConfigurationInstance as Questions?

    /** An app knows its bundle's name; the sample takes the one that it was built with. */
    private fun bundle(): String = assets.list("pocketrag")?.firstOrNull { !it.endsWith(".json") } ?: NO_BUNDLE
}
