package dev.pocketrag.runtime.install

import java.io.Closeable
import java.io.File
import java.util.Collections
import java.util.concurrent.ConcurrentHashMap

/** What this process holds. A file's lock alone does not tell its threads apart, and closing it anywhere in a process gives it back. */
private val HELD: MutableSet<String> = Collections.newSetFromMap(ConcurrentHashMap())
private const val PAUSE_MILLIS = 20L

/**
 * Does [work] while no other thread or process holds the lock [file], which is made where it is missing and then stays.
 *
 * @param check is called while it is waited.
 */
internal fun <T> exclusively(files: FileSystem, file: File, check: () -> Unit, work: () -> T): T {
    while (true) {
        tryExclusively(file, files)?.use { return work() }
        check()
        Thread.sleep(PAUSE_MILLIS)
    }
}

/** Returns what gives the lock [file] back; null while another thread or process holds it. */
internal fun tryExclusively(file: File, files: FileSystem = RealFiles): Closeable? {
    val path = file.canonicalPath
    if (!HELD.add(path)) return null
    var lock: Closeable? = null
    try {
        lock = files.lock(file)
    } finally {
        if (lock == null) HELD -= path
    }
    return lock?.let { held ->
        Closeable {
            held.close()
            HELD -= path
        }
    }
}
