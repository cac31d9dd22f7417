package dev.pocketrag.runtime.install

import java.io.Closeable
import java.io.File
import java.io.FileOutputStream
import java.io.IOException
import java.io.InputStream
import java.io.RandomAccessFile
import java.nio.channels.FileChannel
import java.nio.file.Files
import java.nio.file.StandardCopyOption
import java.nio.file.StandardOpenOption

/** Where the installer writes, small enough that a test can let every operation fail. All throw [IOException]. */
internal interface FileSystem {
    /** Names in a folder; empty where there is none. */
    fun list(folder: File): List<String>

    /** A file's length, -1 where there is none. */
    fun size(file: File): Long

    fun read(file: File): InputStream

    /** Opens a file to be read anywhere. */
    fun random(file: File): Input

    /** Opens a file to write at its end; it is created where it is missing. */
    fun append(file: File): Output

    /** Moves a file or a folder within one file system; atomic. */
    fun rename(from: File, to: File)

    /** Deletes a file or an empty folder. */
    fun delete(file: File)

    fun makeFolder(folder: File)

    /** Makes the names in a folder safe from a power cut. */
    fun syncFolder(folder: File)

    fun freeBytes(folder: File): Long

    /** Locks a file, which is made where it is missing, against other processes until it is closed; null while one of them holds it. */
    fun lock(file: File): Closeable?

    /** A file that is read anywhere. */
    interface Input : Closeable {
        /** Reads [size] bytes from [position] on to the beginning of [block]. */
        fun read(position: Long, block: ByteArray, size: Int)
    }

    /** A file that is written. */
    interface Output : Closeable {
        fun write(block: ByteArray, size: Int)

        /** Makes what was written safe from a power cut. */
        fun sync()
    }
}

/** The file system of Android and of the JVM. */
internal object RealFiles : FileSystem {
    override fun list(folder: File): List<String> = folder.list()?.sorted().orEmpty()

    override fun size(file: File): Long = if (file.exists()) file.length() else -1

    override fun read(file: File): InputStream = file.inputStream()

    override fun random(file: File): FileSystem.Input = Seeking(RandomAccessFile(file, "r"))

    override fun append(file: File): FileSystem.Output = Appending(FileOutputStream(file, true))

    override fun rename(from: File, to: File) {
        Files.move(from.toPath(), to.toPath(), StandardCopyOption.ATOMIC_MOVE)
    }

    override fun delete(file: File) {
        Files.deleteIfExists(file.toPath())
    }

    override fun makeFolder(folder: File) {
        Files.createDirectories(folder.toPath())
    }

    /** Where a folder can't be opened to be synced, the rename is as safe as the file system makes it. */
    override fun syncFolder(folder: File) {
        try {
            FileChannel.open(folder.toPath(), StandardOpenOption.READ).use { it.force(true) }
        } catch (_: IOException) {
            return
        }
    }

    override fun freeBytes(folder: File): Long = folder.usableSpace

    override fun lock(file: File): Closeable? {
        val channel = FileChannel.open(file.toPath(), StandardOpenOption.CREATE, StandardOpenOption.WRITE)
        try {
            if (channel.tryLock() != null) return channel
        } catch (error: IOException) {
            channel.close()
            throw error
        }
        return channel.close().let { null }
    }

    private class Seeking(private val file: RandomAccessFile) : FileSystem.Input {
        override fun read(position: Long, block: ByteArray, size: Int) {
            file.seek(position)
            file.readFully(block, 0, size)
        }

        override fun close(): Unit = file.close()
    }

    private class Appending(private val stream: FileOutputStream) : FileSystem.Output {
        override fun write(block: ByteArray, size: Int): Unit = stream.write(block, 0, size)

        override fun sync(): Unit = stream.fd.sync()

        override fun close(): Unit = stream.close()
    }
}

private val FULL = Regex("ENOSPC|No space left")

/** Whether the disk is full: Android says "write failed: ENOSPC (No space left on device)", the JVM the words alone. */
internal fun isFull(error: IOException): Boolean =
    generateSequence<Throwable>(error) { it.cause }.any { FULL.containsMatchIn(it.message.orEmpty()) }

/** Room in bytes beside a bundle's files themselves: the manifest, the folders, and what SQLite and others write meanwhile. */
internal const val SPARE: Long = 4L shl 20
