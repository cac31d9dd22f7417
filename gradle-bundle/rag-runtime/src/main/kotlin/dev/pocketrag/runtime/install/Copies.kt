package dev.pocketrag.runtime.install

import dev.pocketrag.runtime.update.Updates
import java.io.File

/**
 * Returns the folder of a bundle's whole version below [storage]: of what an update brought, or the newest copy of what the app brought;
 * null where there is none.
 */
internal fun newestCopy(storage: File, bundle: String): File? = updated(storage, bundle) ?: copied(storage, bundle)

private fun updated(storage: File, bundle: String): File? =
    Updates(storage, bundle).run { recordOrNull()?.current?.let(::folder) }?.takeIf { File(it, MANIFEST).isFile }

private fun copied(storage: File, bundle: String): File? =
    File(storage, fileName(bundle)).listFiles().orEmpty()
        .filter { !it.name.endsWith(PART) && !it.name.endsWith(GONE) && File(it, MANIFEST).isFile }
        .maxByOrNull { File(it, MANIFEST).lastModified() }
