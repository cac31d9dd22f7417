package dev.pocketrag.runtime.engine

import dev.pocketrag.runtime.BundleSource
import dev.pocketrag.runtime.InstallState
import dev.pocketrag.runtime.Rag
import dev.pocketrag.runtime.RagOptions
import dev.pocketrag.runtime.install.Bundle
import dev.pocketrag.runtime.install.Installation
import dev.pocketrag.runtime.install.isUpdate
import dev.pocketrag.runtime.install.use
import java.util.concurrent.atomic.AtomicReference

/** Makes bundles ready and opens them. */
internal class Opening(private val platform: Platform, private val options: RagOptions) {
    /** Opens on a thread of the bundles' own. Where the caller is cancelled meanwhile, what was opened is closed. */
    suspend fun open(sources: List<BundleSource>): Rag {
        val worker = Worker()
        val made = AtomicReference<Rag>()
        val copies = if (sources.all(::isElsewhere)) null else use(platform.storage)
        try {
            return worker.run { check ->
                val bundles = sources.map { install(it, check) {} }
                Rag(Engine.open(bundles, platform, options, check), worker, copies).also(made::set)
            }
        } catch (error: Throwable) {
            made.get()?.close() ?: worker.retire().also { copies?.close() }
            throw error
        }
    }

    /** Whether a source is opened where it lies, and that is no copy of ours. */
    private fun isElsewhere(source: BundleSource): Boolean = source.folder?.let { it.startsWith(platform.storage) || isUpdate(it) } == false

    /** Returns the bundle of a source, copied where it must be, its files checked. */
    fun install(source: BundleSource, check: () -> Unit, report: (InstallState) -> Unit): Bundle =
        Installation(source, platform.storage, options.digests, check, report).bundle()
}
