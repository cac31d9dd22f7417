package dev.pocketrag.runtime.android

import android.content.res.AssetManager
import dev.pocketrag.runtime.BundleSource
import java.io.File
import java.io.InputStream

/** A bundle among the app's assets: an AAR, or a pack that Play installs with the app (install-time). */
public class AssetSource(private val assets: AssetManager, private val bundle: String) : BundleSource {
    override fun open(name: String): InputStream = assets.open("$ASSETS/$bundle/$name", AssetManager.ACCESS_STREAMING)
}

/**
 * A bundle in a pack that Play lays in a folder (fast-follow, on-demand).
 *
 * @param assetsPath `AiPackManagerFactory.getInstance(context).getPackLocation(pack)?.assetsPath()`, or the same of
 *   `AssetPackManagerFactory`; null from them means that the pack isn't there yet: fetch it first.
 */
public class PackSource(assetsPath: String, bundle: String) : BundleSource {
    private val folder = File(File(assetsPath, ASSETS), bundle)

    override fun open(name: String): InputStream = File(folder, name).inputStream()
}
