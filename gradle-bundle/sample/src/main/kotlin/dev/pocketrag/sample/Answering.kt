package dev.pocketrag.sample

import android.view.ViewGroup
import dev.pocketrag.runtime.Rag
import java.io.Closeable

/** What a language model makes of the passages: `src/answers` has it, where one came with the bundle; `src/passages` has none. */
internal interface Answering : Closeable {
    /** Answers until it is done, or cancelled. */
    suspend fun answer(rag: Rag, question: String)

    /** Shows the answer above the passages, until it is cancelled. */
    suspend fun show(passages: ViewGroup)
}
