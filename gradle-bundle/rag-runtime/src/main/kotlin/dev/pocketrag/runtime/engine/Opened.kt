package dev.pocketrag.runtime.engine

import dev.pocketrag.runtime.BundleSource
import dev.pocketrag.runtime.Manifest
import dev.pocketrag.runtime.RagClosedException
import dev.pocketrag.runtime.UpdateException
import dev.pocketrag.runtime.UpdateFailure
import dev.pocketrag.runtime.install.Bundle
import java.io.Closeable
import java.util.concurrent.atomic.AtomicBoolean
import kotlinx.coroutines.Job

/** A bundle, and where the app's own version of it comes from. */
internal class Sourced(val bundle: Bundle, val source: BundleSource)

/**
 * Opened bundles and the thread on which all of their work is done.
 *
 * @param inUse is given back when they were closed.
 */
internal class Opened(
    engine: Engine,
    val bundles: List<Sourced>,
    private val worker: Worker,
    private val inUse: List<Closeable>,
) : Closeable {
    val manifest: Manifest = engine.manifest
    val sources: List<BundleSource> = bundles.map { it.source }

    /** Touched on the worker's thread alone; null once closed, which gives the vectors' memory back. */
    private var engine: Engine? = engine
    private val closed = AtomicBoolean()
    private val released = Job()

    /** @throws UpdateException none of them has this name. */
    fun named(bundle: String): Sourced = bundles.firstOrNull { it.bundle.manifest.name == bundle } ?: throw UpdateException(
        UpdateFailure.OTHER_BUNDLE, "it is of the bundle $bundle; open are ${bundles.joinToString { it.bundle.manifest.name }}",
    )

    /** Returns a source's bundle; null where that is [than]. */
    fun other(source: BundleSource, than: Sourced): Bundle? = bundles.first { it.source === source }.takeIf { it !== than }?.bundle

    /** @throws RagClosedException they were closed before this call's turn came. */
    suspend fun <T> ask(work: (Engine, () -> Unit) -> T): T = worker.run { check -> work(engine ?: throw RagClosedException(), check) }

    /** Gives the memory back on the worker's thread, once the calls that were there before are done; returns at once. */
    override fun close() {
        if (closed.getAndSet(true)) return
        worker.enqueue {
            try {
                engine?.close()
            } catch (_: Exception) {
                // Such as LiteRT where the caller's environment was closed first: nobody waits to be told, and the app goes on.
            } finally {
                engine = null
                inUse.forEach { it.close() }
                released.complete()
                worker.retire()
            }
        }
    }

    suspend fun closeAndJoin() {
        close()
        released.join()
    }
}
