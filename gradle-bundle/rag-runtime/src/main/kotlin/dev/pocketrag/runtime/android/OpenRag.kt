package dev.pocketrag.runtime.android

import android.content.Context
import dev.pocketrag.runtime.Bundle
import dev.pocketrag.runtime.BundleSource
import dev.pocketrag.runtime.EmbeddingModel
import dev.pocketrag.runtime.Encoder
import dev.pocketrag.runtime.Platform
import dev.pocketrag.runtime.Rag
import dev.pocketrag.runtime.RagOptions
import dev.pocketrag.runtime.Sql
import dev.pocketrag.runtime.Tokenizer
import dev.pocketrag.runtime.WeightCache
import dev.pocketrag.runtime.loadTokenizer
import java.io.File

/** Below an app's or a pack's assets; each bundle has a folder of its own name there. */
internal const val ASSETS: String = "pocketrag"

/** sqlite-vec's releases have it for Android; the app ships it in `jniLibs` under this name. */
private const val SQLITE_VEC = "libvec0.so"

/**
 * Installs the bundle named [bundle] where that was not done before, and opens it. Takes seconds the first time: not on the main thread.
 * The copy lies outside of backups: it comes with the app.
 *
 *     val rag = Rag.open(context, "demo")
 *     val answer = rag.search("Who may stop the clocks?")
 *     answer.hits.forEach { println(it.passage.text) }
 *
 * @param source where it comes from; by default the app's assets.
 * @throws dev.pocketrag.runtime.RagException its message says what was wrong and what to do.
 */
public fun Rag.Companion.open(
    context: Context,
    bundle: String,
    options: RagOptions = RagOptions(),
    source: BundleSource = AssetSource(context.assets, bundle),
): Rag = open(source, File(context.noBackupFilesDir, ASSETS), AndroidPlatform(context, options), options)

/** LiteRT and AndroidX's SQLite, the weight cache in the app's cache directory. */
public class AndroidPlatform(private val context: Context, private val options: RagOptions = RagOptions()) : Platform {
    override fun model(bundle: Bundle, encoder: Encoder): EmbeddingModel {
        val folder = File(File(context.cacheDir, ASSETS), bundle.manifest.name)
        val cache = WeightCache(folder, bundle.digest(encoder), bundle.manifest.encoders.map { bundle.digest(it) })
        return LiteRtModel(bundle.model(encoder), cache)
    }

    override fun sql(bundle: Bundle): Sql = BundledSqlite(bundle.database, if (options.sqliteVec) SQLITE_VEC else null)

    override fun tokenizer(bundle: Bundle, encoder: Encoder): Tokenizer = loadTokenizer(bundle.folder, encoder.spec.tokenizer)
}
