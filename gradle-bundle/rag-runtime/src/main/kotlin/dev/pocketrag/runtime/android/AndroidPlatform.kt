package dev.pocketrag.runtime.android

import android.content.Context
import dev.pocketrag.runtime.ASSETS
import dev.pocketrag.runtime.Encoder
import dev.pocketrag.runtime.RagOptions
import dev.pocketrag.runtime.accelerator.Acceleration
import dev.pocketrag.runtime.encoder.EmbeddingModel
import dev.pocketrag.runtime.encoder.WeightCache
import dev.pocketrag.runtime.engine.Platform
import dev.pocketrag.runtime.install.Bundle
import dev.pocketrag.runtime.install.fileName
import dev.pocketrag.runtime.search.Sql
import dev.pocketrag.runtime.tokenizer.Tokenizer
import dev.pocketrag.runtime.tokenizer.loadTokenizer
import java.io.File

/** sqlite-vec's releases have it for Android; the app ships it in `jniLibs` under this name. */
private const val SQLITE_VEC = "libvec0.so"

/** LiteRT and AndroidX's SQLite, the weight cache in the app's cache directory. */
internal class AndroidPlatform(context: Context, private val options: RagOptions) : Platform {
    /** An activity's own would live as long as the bundle is open. */
    private val context: Context = context.applicationContext

    /** Asked when it is needed: Android may have to make the folder. */
    override val storage: File
        get() = File(context.noBackupFilesDir, ASSETS)

    override fun model(bundle: Bundle, encoder: Encoder): EmbeddingModel {
        val folder = File(File(context.cacheDir, ASSETS), fileName(bundle.manifest.name))
        val cache = WeightCache(folder, bundle.digest(encoder), bundle.manifest.encoders.map { bundle.digest(it) })
        return liteRtModel(bundle, encoder, options, cache) { Acceleration(bundle, encoder, context.phone(), storage, options.digests) }
    }

    override fun sql(bundle: Bundle): Sql = BundledSqlite(bundle.database, if (options.sqliteVec) SQLITE_VEC else null)

    override fun tokenizer(bundle: Bundle, encoder: Encoder): Tokenizer = loadTokenizer(bundle.folder, encoder.spec.tokenizer)
}
