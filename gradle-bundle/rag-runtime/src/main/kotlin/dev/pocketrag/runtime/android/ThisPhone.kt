package dev.pocketrag.runtime.android

import android.content.Context
import android.os.Build
import dev.pocketrag.runtime.accelerator.Phone
import java.io.File

/** Returns what is known of the phone: an update of the app lays it elsewhere, or at another time; one of the system has a fingerprint. */
internal fun Context.phone(): Phone {
    val app = applicationInfo
    val state = listOf(Build.FINGERPRINT, app.sourceDir, File(app.sourceDir).lastModified().toString())
    return Phone(soc(), state.joinToString("\n"), app.nativeLibraryDir)
}

/** By its name: the field is there since Android 12, and this runs on 8. */
private fun soc(): String? =
    try {
        Build::class.java.getField("SOC_MODEL").get(null) as? String
    } catch (_: ReflectiveOperationException) {
        null
    }
