package dev.pocketrag.runtime.install

import java.io.File

/** Returns the folder of the newest whole copy of a bundle below [storage], of whatever version; null where there is none. */
internal fun newestCopy(storage: File, bundle: String): File? =
    File(storage, fileName(bundle)).listFiles().orEmpty()
        .filter { !it.name.endsWith(PART) && !it.name.endsWith(GONE) && File(it, MANIFEST).isFile }
        .maxByOrNull { File(it, MANIFEST).lastModified() }
