package dev.pocketrag.runtime.install

import dev.pocketrag.runtime.BundleSource
import dev.pocketrag.runtime.CorruptFileException
import dev.pocketrag.runtime.Digests
import dev.pocketrag.runtime.InstallState
import dev.pocketrag.runtime.Manifest
import dev.pocketrag.runtime.RagException
import dev.pocketrag.runtime.UnreadableBundleException
import dev.pocketrag.runtime.update.Record
import dev.pocketrag.runtime.update.Updated
import dev.pocketrag.runtime.update.Updates
import java.io.File
import java.io.IOException

/**
 * Makes one bundle ready to be opened: where it lies, if its source has it as plain files, and copied to private storage otherwise; so
 * is a model-only update, which is no whole bundle. A newer version that an update brought is opened in its place, unless it was left by a
 * rollback.
 *
 * @param storage private storage of the app's own: versions are copied to it, what was found in order is remembered beside it.
 * @param check is called before each block that is read or written; what it throws ends the work, which the next one takes up again.
 */
internal class Installation(
    private val source: BundleSource,
    private val storage: File,
    private val digests: Digests,
    private val check: () -> Unit = {},
    private val report: (InstallState) -> Unit = {},
) {
    private val stamps = stampsOf(storage)

    /** @throws RagException as [Bundle.open] and [BundleInstaller.install] do. */
    fun bundle(): Bundle {
        report(InstallState.Checking)
        // What is named by its folder among ours is what is meant.
        if (source.folder?.startsWith(storage) == true) return own()
        val manifest = manifestOrNull() ?: return own()
        val updates = Updates(storage, manifest.name)
        val record = updates.recordOrNull()
        if (!updates.any || record == null) return own()
        val (version, bundle) = brought(updates, record, manifest) ?: (null to own())
        updates.settle(version)
        if (version != null) report(InstallState.Done(0))
        return bundle
    }

    /** Returns what an update brought in place of the app's own, the version before where the newest was damaged; null where nothing. */
    private fun brought(updates: Updates, record: Record, own: Manifest): Pair<Updated, Bundle>? {
        val current = record.instead(own) ?: return null
        return listOfNotNull(current, record.former?.takeUnless { it.isOwn }).firstNotNullOfOrNull { version ->
            try {
                version to open(updates.folder(version))
            } catch (error: RagException) {
                if (error is UnreadableBundleException) throw error
                null
            }
        }
    }

    /** What the source says of itself; null where it can't: opening it says why. */
    private fun manifestOrNull(): Manifest? =
        try {
            ManifestReader.parse(source.open(MANIFEST).use { it.readBytes() })
        } catch (_: IOException) {
            null
        } catch (_: RagException) {
            null
        }

    /** The app's own, whatever updates brought. Throws as [bundle]. */
    fun own(): Bundle = source.folder?.takeUnless(::isUpdate)?.let(::inPlace) ?: copied()

    /** A copy of an earlier version, which had to be made then, is room given away now; unless it is what is opened. */
    private fun inPlace(folder: File): Bundle {
        val bundle = open(folder)
        if (!folder.startsWith(storage)) BundleInstaller(source, storage).removeCopies(bundle.manifest)
        report(InstallState.Done(0))
        return bundle
    }

    private fun copied(): Bundle {
        val installer = BundleInstaller(source, storage, check = check, report = report)
        var installed = remembered(installer.install())
        val bundle = try {
            open(installed.folder)
        } catch (_: CorruptFileException) {
            installed = remembered(installer.install(compare = true))
            open(installed.folder)
        }
        report(InstallState.Done(installed.copiedBytes))
        return bundle
    }

    /** What was just copied was compared on the way. */
    private fun remembered(installed: Installed): Installed {
        if (installed.copiedBytes > 0) stamps.remember(stamps.of(installed.folder, installed.manifest))
        return installed
    }

    private fun open(folder: File): Bundle = Bundle.open(folder, digests, stamps, source.npu, check)
}
