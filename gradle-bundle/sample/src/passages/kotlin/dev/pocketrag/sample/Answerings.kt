package dev.pocketrag.sample

import android.content.Context

/** No language model came with the bundle: the passages are the answer. */
@Suppress("UNUSED_PARAMETER", "FunctionOnlyReturningConstant")
internal fun answering(context: Context, bundle: String): Answering? = null
