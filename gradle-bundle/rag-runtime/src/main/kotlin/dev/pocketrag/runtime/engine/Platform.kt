package dev.pocketrag.runtime.engine

import dev.pocketrag.runtime.Encoder
import dev.pocketrag.runtime.encoder.EmbeddingModel
import dev.pocketrag.runtime.install.Bundle
import dev.pocketrag.runtime.search.Sql
import dev.pocketrag.runtime.tokenizer.Tokenizer
import java.io.File

/** How a bundle is opened on this platform. */
internal interface Platform {
    /** Private storage of the app's own that no backup takes; what lies in it is the library's. */
    val storage: File

    /** Opens an encoder's `.tflite`; what it throws makes the next encoder answer, or full text alone. */
    fun model(bundle: Bundle, encoder: Encoder): EmbeddingModel

    /** Opens `corpus.db` read-only. */
    fun sql(bundle: Bundle): Sql

    /** Opens an encoder's tokenizer; throws a [RagException] where its kind is unknown or its file no tokenizer. */
    fun tokenizer(bundle: Bundle, encoder: Encoder): Tokenizer
}
