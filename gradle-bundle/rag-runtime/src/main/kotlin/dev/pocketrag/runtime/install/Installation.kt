package dev.pocketrag.runtime.install

import dev.pocketrag.runtime.BundleSource
import dev.pocketrag.runtime.CorruptFileException
import dev.pocketrag.runtime.Digests
import dev.pocketrag.runtime.InstallState
import java.io.File

/**
 * Makes one bundle ready to be opened: where it lies, if its source has it as plain files, and copied to private storage otherwise; so
 * is a model-only update, which is no whole bundle.
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
    private val stamps = Stamps(File(storage.path + ".checked"))

    /** @throws RagException as [Bundle.open] and [BundleInstaller.install] do. */
    fun bundle(): Bundle {
        report(InstallState.Checking)
        return source.folder?.takeUnless(::isUpdate)?.let(::inPlace) ?: copied()
    }

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
        if (installed.copiedBytes > 0) stamps.remember(stamps.of(installed.folder, installed.manifestDigest, installed.manifest))
        return installed
    }

    private fun open(folder: File): Bundle = Bundle.open(folder, digests, stamps, source.npu, check)
}
