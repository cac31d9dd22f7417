package dev.pocketrag.runtime.update

import dev.pocketrag.runtime.install.FileSystem
import java.io.InputStream

private const val BLOCK = 1 shl 16

/**
 * A patch as BSDIFF makes it (Colin Percival, "Naive differences of executable code", 2003), in three streams: varints of (bytes of the old
 * file with differences, bytes as they are, zigzag of the step to the next old place), differences, bytes as they are.
 *
 * Memory is three blocks of 64 kB, however large the files are.
 */
internal class Patch(private val control: InputStream, diff: InputStream, private val extra: InputStream) {
    private val differences = ZeroRuns(diff)
    private val block = ByteArray(BLOCK)
    private val before = ByteArray(BLOCK)

    /**
     * Gives the new file's blocks to [write], in order.
     *
     * @throws UpdateException the patch is none.
     */
    fun apply(old: FileSystem.Input, oldSize: Long, write: (block: ByteArray, size: Int) -> Unit) {
        var place = 0L
        while (true) {
            val add = control.varintOrNull() ?: break
            val copy = control.varint()
            val step = zigzag(control.varint())
            if (add > 0 && (place < 0 || add > oldSize - place)) throw damaged("it leads out of the old file")
            inBlocks(add) { done, size ->
                differences.read(block, size)
                addOld(old, place + done, size)
                write(block, size)
            }
            inBlocks(copy) { _, size ->
                extra.readWhole(block, 0, size)
                write(block, size)
            }
            place = next(place, add, step)
        }
        if (!differences.isAtEnd || extra.read() >= 0) throw damaged("a part goes on behind the patch")
    }

    private fun inBlocks(length: Long, work: (done: Long, size: Int) -> Unit) {
        var done = 0L
        while (done < length) {
            val size = minOf(BLOCK.toLong(), length - done).toInt()
            work(done, size)
            done += size
        }
    }

    private fun addOld(old: FileSystem.Input, place: Long, size: Int) {
        old.read(place, before, size)
        for (i in 0 until size) block[i] = (block[i] + before[i]).toByte()
    }

    private fun next(place: Long, add: Long, step: Long): Long =
        try {
            Math.addExact(Math.addExact(place, add), step)
        } catch (error: ArithmeticException) {
            throw damaged("it leads out of all files", error)
        }
}

/** Differences of which long runs are 0: varints of how many zeros and how many others, then these; zeros at the end are not written. */
private class ZeroRuns(private val stream: InputStream) {
    private var zeros = 0L
    private var others = 0L

    val isAtEnd: Boolean
        get() = zeros == 0L && others == 0L && stream.read() < 0

    fun read(block: ByteArray, size: Int) {
        block.fill(0, 0, size)
        var at = 0
        while (at < size) {
            if (zeros == 0L && others == 0L) {
                zeros = stream.varintOrNull() ?: return
                others = stream.varint()
                if (others == 0L) throw damaged("a run of differences without any")
            }
            val skipped = minOf(zeros, (size - at).toLong()).toInt()
            at += skipped
            zeros -= skipped
            val taken = if (zeros > 0) 0 else minOf(others, (size - at).toLong()).toInt()
            stream.readWhole(block, at, taken)
            at += taken
            others -= taken
        }
    }
}
