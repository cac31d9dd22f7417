package dev.pocketrag.runtime.android

import dev.pocketrag.runtime.Accelerator
import dev.pocketrag.runtime.Encoder
import dev.pocketrag.runtime.RagOptions
import dev.pocketrag.runtime.accelerator.Acceleration
import dev.pocketrag.runtime.encoder.EmbeddingModel
import dev.pocketrag.runtime.encoder.WeightCache
import dev.pocketrag.runtime.install.Bundle
import java.io.File

/**
 * Opens an encoder on the accelerator that the app chose, and on the CPU where that may not be used: LiteRT refuses it, or its golden texts
 * did not pass on this phone.
 *
 * The GPU is asked for alone: with the CPU beside it LiteRT would go there without saying so, and always does in an app without
 * `litert-gpu`.
 */
internal fun liteRtModel(
    bundle: Bundle,
    encoder: Encoder,
    options: RagOptions,
    cache: WeightCache,
    acceleration: () -> Acceleration,
): EmbeddingModel {
    val cpu = { closingOnFailure(cache) { LiteRtModel(bundle.model(encoder), options, Accelerator.CPU, cache = cache) } }
    if (options.accelerator == Accelerator.CPU) return cpu()
    return acceleration().open(options.accelerator, fast = { file, libraries -> accelerated(file, options, libraries) }, cpu)
}

private fun accelerated(file: File, options: RagOptions, libraries: String): LiteRtModel =
    LiteRtModel(file, options, options.accelerator, libraries.takeIf { options.accelerator == Accelerator.NPU })

internal fun <T> closingOnFailure(what: AutoCloseable?, work: () -> T): T =
    try {
        work()
    } catch (error: Throwable) {
        what?.close()
        throw error
    }
