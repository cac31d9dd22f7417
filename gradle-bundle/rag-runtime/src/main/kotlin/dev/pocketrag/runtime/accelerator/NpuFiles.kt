package dev.pocketrag.runtime.accelerator

import dev.pocketrag.runtime.BadNpuFilesException
import dev.pocketrag.runtime.BundleSource
import dev.pocketrag.runtime.Encoder
import dev.pocketrag.runtime.ModelException
import dev.pocketrag.runtime.install.Bundle
import dev.pocketrag.runtime.install.PART
import dev.pocketrag.runtime.install.Sha256
import java.io.File
import java.io.IOException

/** What a bundle's name ends with where the files for NPUs lie, and the folder of their copies. */
internal const val NPU: String = ".npu"

/** The files for NPUs that came with a bundle: read, and held to it. */
internal class NpuFiles private constructor(private val source: BundleSource, val spec: NpuSpec) {
    /**
     * Returns the file for a phone, and what `npu.json` says of it. It lies where it was delivered, or, where that is no folder, in
     * [home], to which it is copied once.
     *
     * @throws ModelException there is none for this phone, or no room to copy it.
     * @throws BadNpuFilesException it is missing, or of another size or, where it is copied, of another digest.
     */
    fun file(phone: Phone, home: File): Pair<File, NpuFile> {
        val wanted = spec.files.getValue(named(phone.soc))
        val file = source.folder?.let { File(it, wanted.name) } ?: copied(wanted, home)
        if (file.length() != wanted.bytes) throw bad("${wanted.name} has ${file.length()} bytes, not ${wanted.bytes}")
        return file to wanted
    }

    /** @throws BadNpuFilesException a file's SHA-256 differs. */
    fun compare(file: File, wanted: NpuFile) {
        val found = try {
            file.inputStream().use { Sha256.of(it) {} }
        } catch (error: IOException) {
            throw bad("${wanted.name} can't be read (${error.message})", error)
        }
        if (found != wanted.sha256) throw bad("${wanted.name} is not the file that was built (its SHA-256 differs)")
    }

    /** Phones may name a faster edition of a SoC with a suffix, "SM8750-AC": it runs the same code. */
    private fun named(soc: String?): String {
        if (soc == null) throw ModelException("this phone does not tell its SoC, as Android does since version 12")
        val known = spec.files.keys.joinToString()
        return soc.substringBefore('-').takeIf { it in spec.files }
            ?: throw ModelException("this phone's SoC is $soc, and the files for NPUs are of $known")
    }

    private fun copied(wanted: NpuFile, home: File): File {
        val target = File(home, "${wanted.sha256.take(DIGITS)}.tflite")
        if (target.length() == wanted.bytes) return target
        return try {
            copy(wanted, target)
        } catch (error: IOException) {
            throw ModelException("the file for the NPU can't be copied from $source (${error.message})", error)
        }
    }

    /** Earlier versions go first: both need room. */
    private fun copy(wanted: NpuFile, target: File): File {
        val home = checkNotNull(target.parentFile)
        home.mkdirs()
        home.listFiles().orEmpty().forEach { it.delete() }
        if (home.usableSpace < wanted.bytes) throw IOException("it needs ${wanted.bytes} bytes, ${home.usableSpace} are free")
        val part = File.createTempFile("npu", PART, home)
        try {
            source.open(wanted.name).use { read -> part.outputStream().use { read.copyTo(it) } }
            compare(part, wanted)
            if (!part.renameTo(target)) throw IOException("$target can't be made")
            return target
        } finally {
            part.delete()
        }
    }

    private fun hold(bundle: Bundle, encoder: Encoder) {
        val (ours, theirs) = bundle.manifest.run { "$name $version" } to "${spec.name} ${spec.version}"
        if (ours != theirs) throw bad("$NPU_SPEC is of $theirs, the bundle is $ours")
        val owner = bundle.manifest.encoders.firstOrNull { bundle.digest(it) == spec.model }
        if (owner == null) throw bad("$NPU_SPEC is of another model than the bundle's ${encoder.file}")
        if (owner != encoder) throw ModelException("the files for NPUs are of the encoder ${owner.name}, not of ${encoder.name}")
    }

    private fun bad(what: String, cause: Throwable? = null) = BadNpuFilesException(source.toString(), what, cause)

    companion object {
        /** Digits of a file's SHA-256 in its copy's name. */
        private const val DIGITS = 16

        /**
         * Reads what lies beside a bundle.
         *
         * @throws ModelException nothing does, or it is for another encoder of the bundle.
         * @throws BadNpuFilesException it is damaged, or of another bundle, version or model.
         */
        fun read(bundle: Bundle, encoder: Encoder): NpuFiles {
            val source = bundle.npu ?: throw ModelException("no files for an NPU can come with this bundle's source")
            val text = try {
                source.open(NPU_SPEC).use { it.readBytes().toString(Charsets.UTF_8) }
            } catch (error: IOException) {
                throw ModelException("no files for an NPU came with the bundle ($source has no $NPU_SPEC)", error)
            }
            return NpuFiles(source, NpuSpec.parse(text, source.toString())).apply { hold(bundle, encoder) }
        }
    }
}
