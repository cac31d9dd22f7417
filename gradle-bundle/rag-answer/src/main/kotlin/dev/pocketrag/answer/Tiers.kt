package dev.pocketrag.answer

import android.content.Context
import android.content.res.AssetManager
import dev.pocketrag.answer.android.totalBytes
import dev.pocketrag.answer.engine.sha256
import dev.pocketrag.answer.engine.tiersOf
import java.io.File
import java.io.IOException

/**
 * What answers on which phone: `NAME.tiers.json`, which the app ships beside its bundle.
 *
 *     val tiers = Tiers.read(context, "demo")
 *     val tier = tiers.choose(context, installed)
 *
 * @param name the bundle's.
 * @param tiers in rising order; the first one, which quotes, is every phone's.
 */
public class Tiers internal constructor(public val name: String, public val version: String, public val tiers: List<Tier>) {
    /**
     * Returns the best tier that this phone can have.
     *
     * @param folders [TierPack.folder] of the packs that are installed.
     * @param server whether the app may ask a server: it is online, and its user has agreed.
     */
    @JvmOverloads
    public fun choose(context: Context, folders: Set<String>, server: Boolean = false): Tier = choose(totalBytes(context), folders, server)

    /** [choose] of a phone with so much total memory. */
    @JvmOverloads
    public fun choose(totalBytes: Long, folders: Set<String>, server: Boolean = false): Tier = tiers.last { tier ->
        tier.ships && totalBytes >= tier.memoryMegabytes * MEGABYTE &&
            (tier.pack == null || tier.pack.folder in folders) && (tier.server == null || server)
    }

    /** Returns what this phone would get once it is downloaded: nothing on phones that can't carry it. */
    public fun worthFetching(context: Context): TierPack? = worthFetching(totalBytes(context))

    /** [worthFetching] of a phone with so much total memory. */
    public fun worthFetching(totalBytes: Long): TierPack? = choose(totalBytes, tiers.mapNotNull { it.pack?.folder }.toSet()).pack

    public companion object {
        private const val MEGABYTE = 1_000_000L

        /**
         * Reads the tiers among the app's assets, where `pocketrag gradle` and `aar` lay them; the app's signature vouches for them.
         *
         * @throws TiersException there are none, or they are not as they were written.
         */
        @JvmStatic
        public fun read(context: Context, bundle: String): Tiers = read("the app's assets, $bundle.tiers.json") {
            context.assets.open("pocketrag/$bundle.tiers.json", AssetManager.ACCESS_STREAMING).use { it.readBytes() }
        }

        /**
         * Reads tiers that the app has downloaded.
         *
         * @param sha256 their digest, which `pocketrag tiers` prints and the app ships.
         * @throws TiersException they are missing, or of another digest.
         */
        @JvmStatic
        public fun read(file: File, sha256: String): Tiers = read(file.path) {
            val bytes = file.readBytes()
            if (sha256(bytes) == sha256) bytes else throw TiersException("$file: not the file that the app knows; fetch it again.")
        }

        private fun read(where: String, bytes: () -> ByteArray): Tiers = try {
            tiersOf(where, bytes())
        } catch (error: IOException) {
            throw TiersException("$where: ${error.message}; ship it with the app.", error)
        }
    }
}
