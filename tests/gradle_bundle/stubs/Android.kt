// What the runtime uses of Android, with the SDK's signatures: developer.android.com/reference/android/content/Context and
// developer.android.com/reference/android/content/res/AssetManager (API 26). Getters of Java are properties here, which compile to the
// same calls.
@file:Suppress("unused")

package android.content

import android.content.res.AssetManager
import java.io.File

public abstract class Context {
    public abstract val assets: AssetManager
    public abstract val cacheDir: File
    public abstract val noBackupFilesDir: File
}
