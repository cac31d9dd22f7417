package dev.pocketrag.runtime.android

import dev.pocketrag.runtime.Accelerator
import dev.pocketrag.runtime.RagOptions
import dev.pocketrag.runtime.encoder.EmbeddingModel
import dev.pocketrag.runtime.encoder.WeightCache
import java.io.File

/**
 * Opens a `.tflite` on the accelerator that the app chose, and on the CPU where LiteRT refuses that, now or in a first run of [shortest]
 * ids: some drivers fail only there.
 *
 * The GPU is asked for alone: with the CPU beside it LiteRT would go there without saying so, and always does in an app without
 * `litert-gpu`.
 */
internal fun liteRtModel(file: File, options: RagOptions, cache: WeightCache, shortest: Int): EmbeddingModel {
    if (options.accelerator == Accelerator.CPU) return onCpu(file, options, cache)
    return try {
        tried(LiteRtModel(file, options, options.accelerator), shortest)
    } catch (error: Exception) {
        onCpuAfter(error, file, options, cache)
    } catch (error: LinkageError) {
        onCpuAfter(error, file, options, cache)
    }
}

private fun tried(model: LiteRtModel, shortest: Int): LiteRtModel = closingOnFailure(model) { model.apply { run(IntArray(shortest)) } }

private fun onCpuAfter(first: Throwable, file: File, options: RagOptions, cache: WeightCache): EmbeddingModel =
    try {
        onCpu(file, options, cache)
    } catch (second: Exception) {
        throw second.apply { addSuppressed(first) }
    }

private fun onCpu(file: File, options: RagOptions, cache: WeightCache): EmbeddingModel =
    closingOnFailure(cache) { LiteRtModel(file, options, Accelerator.CPU, cache) }

internal fun <T> closingOnFailure(what: AutoCloseable?, work: () -> T): T =
    try {
        work()
    } catch (error: Throwable) {
        what?.close()
        throw error
    }
