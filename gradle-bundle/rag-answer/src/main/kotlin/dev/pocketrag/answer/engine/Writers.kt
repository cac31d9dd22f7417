package dev.pocketrag.answer.engine

import dev.pocketrag.answer.text.Messages
import java.io.Closeable
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import kotlinx.coroutines.withContext

/** A loaded model. One question at a time. */
internal interface Writer : Closeable {
    /** Writes an answer, whose parts come as they are made; a collector that is cancelled ends the work. */
    fun write(messages: Messages): Flow<String>
}

/** How a generator is opened on this platform. */
internal interface GeneratorPlatform {
    /** Returns why a model of so many bytes had better not be loaded now; null where it may be. */
    fun lacking(bytes: Long): String?

    /** Loads a model whose digest was compared; takes seconds. */
    fun open(spec: Spec): Writer
}

/** The one writer of an app: loaded for the first question off the caller's thread, kept until [release]. */
internal class Writers(private val spec: Spec, private val platform: GeneratorPlatform) {
    private val lock = Mutex()
    private var writer: Writer? = null
    private var verified = false

    /** Lends the writer for one question; others wait. @throws GeneratorException there is none now. */
    suspend fun <T> use(work: suspend (Writer) -> T): T = lock.withLock { work(writer ?: load().also { writer = it }) }

    /** Gives the memory back, once the question that is answered is done; the next one loads again. */
    suspend fun release(): Unit = lock.withLock {
        writer?.close()
        writer = null
    }

    private suspend fun load(): Writer = withContext(Dispatchers.IO) {
        platform.lacking(spec.bytes)?.let { throw GeneratorException(it) }
        if (!verified) spec.verify()
        verified = true
        try {
            platform.open(spec)
        } catch (error: RuntimeException) {
            throw GeneratorException("${spec.model}: LiteRT-LM can't open it (${error.message})", error)
        } catch (error: LinkageError) {
            throw GeneratorException("LiteRT-LM's native library is not for this phone (${error.message})", error)
        }
    }
}
