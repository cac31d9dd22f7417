package dev.pocketrag.runtime.android

import android.content.ComponentCallbacks2
import android.content.Context
import android.content.res.Configuration
import java.io.Closeable

/** Above every level that the system has. */
private const val ALL = 100

/** Calls [onLevel] with the level of each of the system's calls for memory, on the main thread, until it is closed. */
internal fun Context.onTrimMemory(onLevel: (Int) -> Unit): Closeable {
    val callbacks = object : ComponentCallbacks2 {
        override fun onTrimMemory(level: Int): Unit = onLevel(level)

        override fun onConfigurationChanged(newConfig: Configuration): Unit = Unit

        @Suppress("OVERRIDE_DEPRECATION")
        override fun onLowMemory(): Unit = onLevel(ALL)
    }
    val app = applicationContext
    app.registerComponentCallbacks(callbacks)
    return Closeable { app.unregisterComponentCallbacks(callbacks) }
}
