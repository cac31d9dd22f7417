package dev.pocketrag.check

import dev.pocketrag.runtime.UpdateKey
import dev.pocketrag.runtime.install.RealFiles
import dev.pocketrag.runtime.update.Applying
import dev.pocketrag.runtime.update.Delta
import java.io.File
import kotlin.system.measureNanoTime

/** Applies a delta to a folder once, into an empty one: key, delta, base, folder; prints nanoseconds. */
public fun main(arguments: Array<String>) {
    val (key, delta, base, folder) = arguments
    File(folder).mkdirs()
    val nanos = measureNanoTime {
        Delta.open(File(delta), UpdateKey(key)).use { Applying(it, File(base), RealFiles, {}, {}).into(File(folder)) }
    }
    println(nanos)
}
