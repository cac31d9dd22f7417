package dev.pocketrag.sample

import android.app.ActivityManager
import android.content.Context
import dev.pocketrag.runtime.Role

/** Phones report a little less than their box says: this lies between those of 4 and of 6 GB. */
private const val SMALL_BYTES = 4_500_000_000L

/** The encoder to begin with: on a phone with little memory the system may end the app before the runtime sees a failure. */
internal fun startingEncoder(context: Context): Role {
    val memory = ActivityManager.MemoryInfo()
    context.getSystemService(ActivityManager::class.java).getMemoryInfo(memory)
    return if (memory.totalMem < SMALL_BYTES) Role.FALLBACK else Role.MAIN
}
