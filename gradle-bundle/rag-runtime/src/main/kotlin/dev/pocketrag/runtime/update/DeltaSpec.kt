package dev.pocketrag.runtime.update

import dev.pocketrag.runtime.UpdateException
import dev.pocketrag.runtime.install.BundleFile
import dev.pocketrag.runtime.install.Keys
import dev.pocketrag.runtime.install.MANIFEST
import dev.pocketrag.runtime.install.isPlain

/** One of the two versions that a delta lies between; [manifest] is the SHA-256 of its `manifest.json`. */
internal class Side(val version: String, val manifest: String)

/** How a file of the new version is made, and of which entries of the delta. */
internal enum class How(val parts: List<String>) {
    /** It is a file of the old version, perhaps under another name. */
    SAME(emptyList()),

    /** It is a file of the old version with differences. */
    PATCH(listOf("control", "diff", "extra")),

    /** The delta has all of it. */
    WHOLE(listOf("whole")),
}

/** A file of the old version, which must have this digest. */
internal class OldFile(val name: String, val sha256: String)

/** A file of the new version; [from] is null where the delta has all of it, [entries] are the names of its parts in the delta. */
internal class NewFile(val name: String, val file: BundleFile, val how: How, val from: OldFile?, val entries: List<String>)

/** What `delta.json` says; its entries are those of the files. */
internal class DeltaSpec(
    val name: String,
    val contract: Int,
    val old: Side,
    val new: Side,
    val files: List<NewFile>,
    val entries: Map<String, BundleFile>,
) {
    val bytes: Long = files.sumOf { it.file.bytes }

    companion object {
        /** @throws UpdateException it is no such file, or its parts don't fit together. */
        fun read(keys: Keys): DeltaSpec {
            keys.requireKind("pocketrag-delta")
            val files = keys.part("files").run { names().map { part(it).newFile(it) } }
            val entries = keys.part("entries").run { names().associateWith { part(it).bundleFile() } }
            val spec = DeltaSpec(keys.text("name"), keys.whole("contract"), keys.side("old"), keys.side("new"), files, entries)
            spec.check()
            return spec
        }

        private fun Keys.side(key: String): Side = part(key).run { Side(text("version"), sha256("manifest_sha256")) }

        private fun Keys.newFile(name: String): NewFile {
            val how = How.entries.firstOrNull { it.name.lowercase() == text("how") } ?: wrong("how")
            val from = if (how == How.WHOLE) null else OldFile(text("from"), sha256("from_sha256"))
            val entries = how.parts.map { "${text("entry")}.$it" }
            return NewFile(name, bundleFile(), how, from, entries)
        }

        private fun DeltaSpec.check() {
            val names = files.flatMap { listOfNotNull(it.name, it.from?.name) }
            names.firstOrNull { !isPlain(it) }?.let { throw damaged("the file name \"$it\" leaves the folder") }
            val manifest = files.firstOrNull { it.name == MANIFEST } ?: throw damaged("it has no $MANIFEST")
            if (manifest.file.sha256 != new.manifest) throw damaged("its $MANIFEST is another version's")
            val needed = files.flatMap { it.entries }
            if (needed.sorted() != entries.keys.sorted()) throw damaged("its parts are not those of its files")
        }
    }
}
