// What the runtime uses of android.content, with the SDK's signatures (API 26): developer.android.com/reference/android/content/Context,
// .../content/ComponentCallbacks and .../content/ComponentCallbacks2. Getters of Java are properties here, which compile to the same calls.
@file:Suppress("unused")

package android.content

import android.content.pm.ApplicationInfo
import android.content.res.AssetManager
import android.content.res.Configuration
import java.io.File

public abstract class Context {
    public abstract val applicationContext: Context
    public abstract val applicationInfo: ApplicationInfo
    public abstract val assets: AssetManager
    public abstract val cacheDir: File
    public abstract val noBackupFilesDir: File

    public open fun <T> getSystemService(serviceClass: Class<T>): T = error("a stub: $serviceClass")

    public open fun registerComponentCallbacks(callback: ComponentCallbacks): Unit = error("a stub: $callback")

    public open fun unregisterComponentCallbacks(callback: ComponentCallbacks): Unit = error("a stub: $callback")
}

public interface ComponentCallbacks {
    public fun onConfigurationChanged(newConfig: Configuration)

    public fun onLowMemory()
}

public interface ComponentCallbacks2 : ComponentCallbacks {
    public fun onTrimMemory(level: Int)
}
