package dev.pocketrag.answer.android

import android.app.ActivityManager
import android.content.Context
import dev.pocketrag.answer.engine.GeneratorPlatform
import dev.pocketrag.answer.engine.Spec
import dev.pocketrag.answer.engine.Writer
import java.io.File
import java.util.Locale

/** Phones report a little less than their box says: this lies between those of 4 and of 6 GB. */
private const val SMALL_BYTES = 4_500_000_000L

/** Beside the weights: the tokens' keys and values, and what other apps need before the system ends ours. */
private const val SPARE_BYTES = 500_000_000L
private const val GIGABYTE = 1e9
private const val KEY = 16

/** The phone's whole memory, as Android reports it. */
internal fun totalBytes(context: Context): Long = memory(context).totalMem

/** LiteRT-LM on a phone that has the memory; `least` of it in all, in bytes. */
internal class AndroidGenerators(private val context: Context, private val least: Long = SMALL_BYTES) : GeneratorPlatform {
    override fun lacking(bytes: Long): String? {
        val memory = memory(context)
        val free = memory.availMem - memory.threshold
        return when {
            memory.totalMem < least -> "this phone has ${gigabytes(memory.totalMem)} of memory, the model takes one of ${gigabytes(least)}"
            memory.lowMemory || free < bytes + SPARE_BYTES ->
                "${gigabytes(free)} of memory are free, the model takes ${gigabytes(bytes + SPARE_BYTES)}"
            else -> null
        }
    }

    private fun gigabytes(bytes: Long): String = "%.1f GB".format(Locale.ROOT, bytes / GIGABYTE)

    /** The cache of packed weights is the model's own: LiteRT does not look whose weights a cache holds. */
    override fun open(spec: Spec): Writer {
        val cache = File(context.cacheDir, "pocketrag-generator/${spec.sha256.take(KEY)}")
        cache.mkdirs()
        return LiteRtLmWriter(spec, cache)
    }
}

private fun memory(context: Context): ActivityManager.MemoryInfo = ActivityManager.MemoryInfo().also {
    context.getSystemService(ActivityManager::class.java).getMemoryInfo(it)
}
