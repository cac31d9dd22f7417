// What sample and runtime use of android.content, with the SDK's signatures (developer.android.com/reference/android/content/Context,
// .../content/ComponentCallbacks2, API 26). Getters of Java are properties here, which compile to the same calls.
package android.content

import android.content.res.AssetManager
import android.content.res.Configuration
import java.io.File

public abstract class Context {
    public val assets: AssetManager get() = error("a stub")
    public val applicationContext: Context get() = error("a stub")
    public val cacheDir: File get() = error("a stub")
    public val noBackupFilesDir: File get() = error("a stub")

    public fun registerComponentCallbacks(callback: ComponentCallbacks): Unit = error("a stub: $callback")

    public fun unregisterComponentCallbacks(callback: ComponentCallbacks): Unit = error("a stub: $callback")
}

public interface ComponentCallbacks {
    public fun onConfigurationChanged(newConfig: Configuration)

    public fun onLowMemory()
}

public interface ComponentCallbacks2 : ComponentCallbacks {
    public fun onTrimMemory(level: Int)
}
