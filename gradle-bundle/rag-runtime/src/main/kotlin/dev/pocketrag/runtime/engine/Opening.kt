package dev.pocketrag.runtime.engine

import dev.pocketrag.runtime.BundleSource
import dev.pocketrag.runtime.InstallState
import dev.pocketrag.runtime.Manifest
import dev.pocketrag.runtime.Rag
import dev.pocketrag.runtime.RagOptions
import dev.pocketrag.runtime.install.Bundle
import dev.pocketrag.runtime.install.Installation
import dev.pocketrag.runtime.install.isUpdate
import dev.pocketrag.runtime.install.stampsOf
import dev.pocketrag.runtime.install.use
import dev.pocketrag.runtime.update.UPDATES
import java.io.Closeable
import java.io.File
import java.util.concurrent.atomic.AtomicReference

/** Makes bundles ready and opens them. */
internal class Opening(private val platform: Platform, private val options: RagOptions) {
    val storage: File
        get() = platform.storage

    suspend fun open(sources: List<BundleSource>): Rag = Rag(opened(sources) { source, check -> install(source, check) {} }, this)

    /**
     * Opens on a thread of the bundles' own. Where the caller is cancelled meanwhile, what was opened is closed.
     *
     * @param bundle makes a source's bundle ready.
     */
    suspend fun opened(sources: List<BundleSource>, bundle: (BundleSource, check: () -> Unit) -> Bundle): Opened {
        val worker = Worker()
        val made = AtomicReference<Opened>()
        val inUse = ArrayList<Closeable>()
        val copies = if (sources.all(::isElsewhere)) null else use(storage)
        try {
            return worker.run { check ->
                val bundles = sources.map { Sourced(bundle(it, check), it).also { one -> inUse += use(one.bundle.folder) } }
                val engine = Engine.open(bundles.map { it.bundle }, platform, options, check)
                copies?.let { if (bundles.any { one -> isCopy(one.bundle.folder) }) inUse += it else it.close() }
                Opened(engine, bundles, worker, inUse).also(made::set)
            }
        } catch (error: Throwable) {
            made.get()?.close() ?: worker.retire().also { (inUse + listOfNotNull(copies)).forEach { it.close() } }
            throw error
        }
    }

    /** Whether a source is opened where it lies, and that is no copy of ours. */
    private fun isElsewhere(source: BundleSource): Boolean = source.folder?.let { it.startsWith(storage) || isUpdate(it) } == false

    /** Whether a bundle is opened where the app's own are copied to. */
    private fun isCopy(folder: File): Boolean = folder.startsWith(storage) && !folder.startsWith(File(storage, UPDATES))

    /** Returns the bundle of a source, copied where it must be, its files checked; or what an update brought in its place. */
    fun install(source: BundleSource, check: () -> Unit, report: (InstallState) -> Unit): Bundle =
        installation(source, check, report).bundle()

    /** Returns the bundle of a source itself. */
    fun own(source: BundleSource, check: () -> Unit): Bundle = installation(source, check) {}.own()

    /** Returns the bundle in a folder of ours, its files checked unless they were before. */
    fun updated(folder: File, source: BundleSource, check: () -> Unit): Bundle =
        Bundle.open(folder, options.digests, stamps(), source.npu, check)

    /** Remembers that a bundle's files were compared while they were made. */
    fun remember(folder: File, manifest: Manifest): Unit = stamps().run { remember(of(folder, manifest)) }

    private fun stamps() = stampsOf(storage)

    private fun installation(source: BundleSource, check: () -> Unit, report: (InstallState) -> Unit) =
        Installation(source, storage, options.digests, check, report)
}
