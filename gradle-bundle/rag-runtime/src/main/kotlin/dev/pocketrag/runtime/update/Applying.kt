package dev.pocketrag.runtime.update

import dev.pocketrag.runtime.Manifest
import dev.pocketrag.runtime.UpdateException
import dev.pocketrag.runtime.UpdateFailure
import dev.pocketrag.runtime.install.BundleFile
import dev.pocketrag.runtime.install.FileSystem
import dev.pocketrag.runtime.install.MANIFEST
import dev.pocketrag.runtime.install.ManifestReader
import dev.pocketrag.runtime.install.Sha256
import java.io.File
import java.io.InputStream

/**
 * Makes a new version's files of the old one's and of a delta. Every file is hashed while it is written; what is kept is the new bundle
 * byte for byte, or nothing.
 *
 * @param base the folder of the old version, which is only read.
 * @param check is called before each block; what it throws ends the work.
 * @param report is told how many bytes were written.
 */
internal class Applying(
    private val delta: Delta,
    private val base: File,
    private val files: FileSystem,
    private val check: () -> Unit,
    private val report: (Int) -> Unit,
) {
    /**
     * Makes all files in [folder], which is empty, and returns what they are.
     *
     * @throws UpdateException the delta is damaged, or the old version was altered.
     * @throws RagException what it leads to is no bundle.
     */
    fun into(folder: File): Manifest {
        val all = delta.spec.files.associateBy { it.name }
        make(all.getValue(MANIFEST), folder)
        val manifest = ManifestReader.parse(files.read(File(folder, MANIFEST)).use { it.readBytes() })
        agree(manifest, all)
        // What the manifest does not list, SHA256SUMS, no copy on a phone has.
        for (name in manifest.files.keys) make(all.getValue(name), folder)
        files.syncFolder(folder)
        return manifest
    }

    private fun agree(manifest: Manifest, all: Map<String, NewFile>) {
        val spec = delta.spec
        if (manifest.name != spec.name || manifest.version != spec.new.version) {
            throw damaged("it leads to ${manifest.name} ${manifest.version}, and says ${spec.name} ${spec.new.version}")
        }
        for ((name, wanted) in manifest.files) {
            val found = all[name]?.file ?: throw damaged("$name is not in it")
            if (found.bytes != wanted.bytes || found.sha256 != wanted.sha256) throw damaged("its $name is not the new manifest's")
        }
    }

    private fun make(new: NewFile, folder: File) {
        files.append(File(folder, new.name)).use { out ->
            val made = Made(new, out)
            when (new.how) {
                How.SAME -> files.read(old(new)).use { copy(it, made) }
                How.PATCH -> patch(new, made)
                How.WHOLE -> delta.part(new.entries.single()).use { copy(it, made) }
            }
            made.finish()
            out.sync()
        }
    }

    private fun copy(stream: InputStream, made: Made): Unit = Sha256.read(stream, check) { block, size -> made.write(block, size) }

    private fun patch(new: NewFile, made: Made) {
        val old = old(new)
        if (files.read(old).use { Sha256.of(it, check) } != new.from?.sha256) throw altered(old)
        val (control, diff, extra) = new.entries.map(delta::part)
        control.use { diff.use { extra.use { patch(Patch(control, diff, extra), old, made) } } }
    }

    private fun patch(patch: Patch, old: File, made: Made): Unit =
        files.random(old).use { input ->
            patch.apply(input, files.size(old)) { block, size ->
                check()
                made.write(block, size)
            }
        }

    private fun old(new: NewFile): File {
        val file = File(base, checkNotNull(new.from).name)
        if (files.size(file) < 0 || new.how == How.SAME && files.size(file) != new.file.bytes) throw altered(file)
        return file
    }

    private fun altered(file: File): UpdateException =
        UpdateException(
            UpdateFailure.OTHER_BASE, "$file is not the file that this update changes: it was altered. Install the whole bundle",
        )

    /** A file that is being made, held to its size. */
    private inner class Made(private val new: NewFile, private val out: FileSystem.Output) {
        private val wanted: BundleFile = new.file
        private val digest = Sha256.digest()
        private var size = 0L

        fun write(block: ByteArray, n: Int) {
            size += n
            if (size > wanted.bytes) throw wrong()
            digest.update(block, 0, n)
            out.write(block, n)
            report(n)
        }

        fun finish() {
            if (size != wanted.bytes || Sha256.hex(digest) != wanted.sha256) throw wrong()
        }

        private fun wrong(): UpdateException =
            if (new.how == How.SAME) altered(File(base, checkNotNull(new.from).name))
            else damaged("${new.name} does not become what was signed")
    }
}
