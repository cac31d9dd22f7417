package dev.pocketrag.sample

import android.content.Context

/** A language model came with the bundle. */
internal fun answering(context: Context, bundle: String): Answering = WrittenAnswers(context, bundle)
