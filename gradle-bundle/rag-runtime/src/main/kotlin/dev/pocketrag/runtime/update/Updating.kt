package dev.pocketrag.runtime.update

import dev.pocketrag.runtime.BundleSource
import dev.pocketrag.runtime.DiskFullException
import dev.pocketrag.runtime.Manifest
import dev.pocketrag.runtime.SelfTestResult
import dev.pocketrag.runtime.UpdateException
import dev.pocketrag.runtime.UpdateFailure
import dev.pocketrag.runtime.UpdateKey
import dev.pocketrag.runtime.UpdateState
import dev.pocketrag.runtime.engine.Opened
import dev.pocketrag.runtime.engine.Opening
import dev.pocketrag.runtime.engine.Sourced
import dev.pocketrag.runtime.engine.blocking
import dev.pocketrag.runtime.engine.closeAll
import dev.pocketrag.runtime.install.Bundle
import dev.pocketrag.runtime.install.BundleInstaller
import dev.pocketrag.runtime.install.FileSystem
import dev.pocketrag.runtime.install.RealFiles
import dev.pocketrag.runtime.install.SPARE
import dev.pocketrag.runtime.install.Sha256
import dev.pocketrag.runtime.install.isFull
import java.io.File
import java.io.IOException
import java.io.InputStream

/**
 * Updates what is open: makes the new version beside it, proves it, then says in the record that it is the one, and hands it over. Waits on
 * the calling thread, which is one for that.
 *
 * @param opened what is open, whose files the new version is made of.
 * @param check is called before each block; what it throws ends the work.
 * @param switch is given what answers from now on.
 */
internal class Updating(
    private val opening: Opening,
    private val opened: Opened,
    private val files: FileSystem = RealFiles,
    private val check: () -> Unit = {},
    private val report: (UpdateState) -> Unit = {},
    private val switch: (Opened) -> Unit,
) {
    /**
     * Installs the version that the last of [deltas] leads to; each begins where the one before it ends.
     *
     * @param downgrade takes a version too that is no newer, or that a rollback left.
     * @throws UpdateException they were not taken.
     * @throws DiskFullException there is no room.
     * @throws RagException the new version can't be opened.
     */
    fun install(deltas: List<File>, key: UpdateKey, downgrade: Boolean): Unit = alone { opened(deltas, key) { installed(it, downgrade) } }

    /** The same for one delta that comes as a stream of at most [limit] bytes. */
    fun install(delta: InputStream, limit: Long, key: UpdateKey, downgrade: Boolean): Unit = alone {
        val file = received(delta, limit)
        opened(listOf(file), key) { installed(it, downgrade) }
    }

    /** Goes back to a bundle's version before. @throws UpdateException there is none. */
    fun back(bundle: String): Sourced = alone {
        val present = opened.named(bundle)
        val updates = updates(present)
        val record = record(updates, present)
        val former = record.former
        val left = record.current
        if (former == null || left == null) throw UpdateException(UpdateFailure.NOTHING_BEFORE, "there is no version to go back to")
        val next = open(opened.sources) {
            opened.other(it, present) ?: if (former.isOwn) opening.own(it, check) else opening.updated(updates.folder(former), it, check)
        }
        handOver(updates, next, Record(former.takeUnless { it.isOwn }, null, record.refused + left.sha256))
        next.named(bundle)
    }

    private fun <T> alone(work: () -> T): T {
        val all = opened.bundles.map(::updates)
        try {
            return all.first().lockOrThrow().use {
                try {
                    report(UpdateState.Checking)
                    work()
                } finally {
                    all.forEach { it.tidy() }
                }
            }
        } catch (error: IOException) {
            throw if (isFull(error)) DiskFullException(SPARE, 0, error) else UpdateException(
                UpdateFailure.STORAGE,
                "the update could not be installed: ${error.message} (${error.javaClass.simpleName}). Try again",
                error,
            )
        }
    }

    private fun opened(deltas: List<File>, key: UpdateKey, work: (List<Delta>) -> Unit) {
        val all = ArrayList<Delta>()
        try {
            deltas.mapTo(all) { Delta.open(it, key) }
            work(all)
        } finally {
            closeAll(all)
        }
    }

    private fun installed(deltas: List<Delta>, downgrade: Boolean) {
        val name = deltas.firstOrNull()?.spec?.name ?: throw damaged("no delta was given")
        val present = opened.named(name)
        val updates = updates(present)
        val record = record(updates, present)
        admit(deltas.map { it.spec }, present.bundle.manifest, record, downgrade)
        needRoom(deltas.map { it.spec.bytes }, updates)
        val (folder, manifest) = made(deltas, present.bundle.folder, updates)
        opening.remember(folder, manifest)
        report(UpdateState.Testing)
        val next = proved(folder, present)
        val left = setOf(present.bundle.manifest.sha256).takeIf { !isNewer(manifest.version, present.bundle.manifest.version) }
        val former = record.current ?: present.bundle.manifest.run { Updated("", version, sha256) }
        val current = Updated(folder.name, manifest.version, manifest.sha256)
        handOver(updates, next, Record(current, former, record.refused + left.orEmpty() - manifest.sha256))
        // Of what the app itself brought, a copy is kept as long as it is the version before.
        if (!former.isOwn) BundleInstaller(present.source, opening.storage).removeCopies(manifest)
        report(UpdateState.Installed(manifest.version))
    }

    private fun needRoom(bytes: List<Long>, updates: Updates) {
        // A step's files go when those of the next one are made of them.
        val needed = bytes.mapIndexed { i, now -> now + if (i > 0) bytes[i - 1] else 0 }.max() + SPARE
        val free = updates.freeBytes()
        if (needed > free) throw DiskFullException(needed, free)
    }

    private fun made(deltas: List<Delta>, base: File, updates: Updates): Pair<File, Manifest> {
        val total = deltas.sumOf { it.spec.bytes }
        var done = 0L
        var from = base
        var manifest: Manifest? = null
        for (delta in deltas) {
            val part = updates.part(updates.next())
            val work = Applying(delta, from, files, check) { n -> report(UpdateState.Applying((done + n).also { done = it }, total)) }
            manifest = work.into(part)
            if (from != base) updates.remove(from)
            from = part
        }
        return updates.finish(from) to checkNotNull(manifest)
    }

    /** Opens the new version with all that is open beside it, once its golden texts have passed. */
    private fun proved(folder: File, present: Sourced): Opened {
        val alone = open(listOf(present.source)) { opening.updated(folder, it, check) }
        closingOnFailure(alone) {
            val result = blocking { alone.ask { engine, _ -> engine.selfTest(check) } }
            if (!result.passed) throw UpdateException(
                UpdateFailure.SELF_TEST, "the new version does not pass on this phone: ${said(result)}",
            )
        }
        if (opened.bundles.size == 1) return alone
        blocking { alone.closeAndJoin() }
        return open(opened.sources) { opened.other(it, present) ?: opening.updated(folder, it, check) }
    }

    private fun open(sources: List<BundleSource>, bundle: (BundleSource) -> Bundle): Opened =
        blocking { opening.opened(sources) { source, _ -> bundle(source) } }

    private fun said(result: SelfTestResult): String =
        result.checks.filterNot { it.passed }
            .joinToString("; ") { "${it.encoder}, ${it.name}: ${it.value}, at least ${it.limit} (${it.detail})" }

    /** The record decides: killed before, the present version is opened next, the new one after. */
    private fun handOver(updates: Updates, next: Opened, record: Record): Unit = closingOnFailure(next) {
        updates.write(record)
        switch(next)
    }

    private fun closingOnFailure(next: Opened, work: () -> Unit) {
        try {
            work()
        } catch (error: Throwable) {
            blocking { next.closeAndJoin() }
            throw error
        }
    }

    /** What is open must be what the record names: another [dev.pocketrag.runtime.Rag] or process may have updated it. */
    private fun record(updates: Updates, present: Sourced): Record {
        val record = updates.record()
        val named = record.current?.let(updates::folder)
        val folder = present.bundle.folder
        if (if (named == null) updates.holds(folder) else named != folder) throw UpdateException(
            UpdateFailure.OTHER_BASE, "another version than the open one was installed meanwhile: open the bundle again, then try again",
        )
        return record
    }

    /** Copies a delta to private storage: what is verified must be what is read afterwards. */
    private fun received(delta: InputStream, limit: Long): File {
        val file = updates(opened.bundles.first()).incoming
        var size = 0L
        files.delete(file)
        files.append(file).use { out ->
            Sha256.read(delta, check) { block, n ->
                size += n
                if (size > limit) throw UpdateException(UpdateFailure.TOO_LARGE, "the update has more than $limit bytes")
                out.write(block, n)
            }
        }
        return file
    }

    private fun updates(of: Sourced) = Updates(opening.storage, of.bundle.manifest.name, files)
}
