package dev.pocketrag.check

import dev.pocketrag.runtime.tokenizer.TokenizerSpec
import dev.pocketrag.runtime.tokenizer.loadTokenizer
import java.io.File
import java.lang.management.ManagementFactory

/** Arguments: repeats, kind, folder, file, then files of one text a line. Prints the CPU time of each repeat for each file, in ns. */
public fun main(args: Array<String>) {
    val repeats = args[0].toInt()
    val start = CLOCK.currentThreadCpuTime
    val tokenizer = loadTokenizer(File(args[2]), TokenizerSpec(args[1], args[3]))
    println("load " + (CLOCK.currentThreadCpuTime - start))
    val files = args.drop(4).map { File(it).readText().split("\n") }
    for (lines in files) repeat(WARM) { lines.sumOf { line -> tokenizer.encode(line).size } }
    for (lines in files) {
        val times = LongArray(repeats) {
            val before = CLOCK.currentThreadCpuTime
            val ids = lines.sumOf { line -> tokenizer.encode(line).size }
            check(ids > 0)
            CLOCK.currentThreadCpuTime - before
        }
        println(times.joinToString(" "))
    }
}

/** Rounds until the JVM has compiled what is slow. */
private const val WARM = 5

/** CPU time of this thread: other processes on the same cores do not count. */
private val CLOCK = ManagementFactory.getThreadMXBean()
