package dev.pocketrag.runtime

import android.content.res.AssetManager
import dev.pocketrag.runtime.accelerator.NPU
import java.io.File
import java.io.IOException
import java.io.InputStream

/** Below an app's or a pack's assets; each bundle has a folder of its own name there. */
internal const val ASSETS: String = "pocketrag"

/** Where a bundle comes from: the app's assets, a pack's folder, or what an app writes itself. Any thread may call. */
public interface BundleSource {
    /** Where the bundle lies as plain files; a whole one is opened there, and not copied. Null where it must be copied. */
    public val folder: File?
        get() = null

    /**
     * Where the files for NPUs lie, `NAME.npu` beside the bundle: `npu.json`, and the file of this phone's SoC where there is one. Nothing
     * need lie there; null where nothing can.
     */
    public val npu: BundleSource?
        get() = null

    /**
     * Opens one file of the bundle.
     *
     * @throws IOException there is none.
     */
    @Throws(IOException::class)
    public fun open(name: String): InputStream
}

/** A bundle among the app's assets: an AAR, or a pack that Play installs with the app (install-time). */
public class AssetSource(private val assets: AssetManager, private val bundle: String) : BundleSource {
    override val npu: BundleSource
        get() = AssetSource(assets, bundle + NPU)

    override fun open(name: String): InputStream = assets.open("$ASSETS/$bundle/$name", AssetManager.ACCESS_STREAMING)

    override fun toString(): String = "the app's assets, $ASSETS/$bundle"
}

/**
 * A bundle in a folder that the app can read; nothing is written there. While it is open its files must not be written to: lay a new
 * version beside, close, rename and open.
 */
public open class FolderSource(override val folder: File) : BundleSource {
    override val npu: BundleSource
        get() = FolderSource(File(folder.absolutePath + NPU))

    override fun open(name: String): InputStream = File(folder, name).inputStream()

    override fun toString(): String = folder.path
}

/**
 * A bundle in a pack that Play lays in a folder (fast-follow, on-demand).
 *
 * @param assetsPath `AiPackManagerFactory.getInstance(context).getPackLocation(pack)?.assetsPath()`, or the same of
 *   `AssetPackManagerFactory`; null from them means that the pack isn't there yet: fetch it first (`rag-delivery` does).
 */
public class PackSource(assetsPath: String, bundle: String) : FolderSource(File(File(assetsPath, ASSETS), bundle))
