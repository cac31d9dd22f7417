package dev.pocketrag.runtime.install

import java.io.Closeable
import java.io.File

/** Private storages of which this process has copies open, or is about to: how often each. */
private val USED = HashMap<String, Int>()

/** Says that copies below [storage] are needed until what is returned is closed. */
internal fun use(storage: File): Closeable {
    val path = storage.canonicalPath
    synchronized(USED) { USED[path] = (USED[path] ?: 0) + 1 }
    return Closeable { synchronized(USED) { USED[path] = checkNotNull(USED[path]) - 1 } }
}

internal fun isUsed(storage: File): Boolean = synchronized(USED) { (USED[storage.canonicalPath] ?: 0) > 0 }
