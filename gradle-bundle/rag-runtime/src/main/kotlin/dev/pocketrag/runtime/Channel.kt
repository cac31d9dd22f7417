package dev.pocketrag.runtime

import dev.pocketrag.runtime.update.ChannelVersion
import dev.pocketrag.runtime.update.LARGEST_JSON
import dev.pocketrag.runtime.update.channelVersions
import dev.pocketrag.runtime.update.cheapest
import dev.pocketrag.runtime.update.damaged
import dev.pocketrag.runtime.update.isNewer
import dev.pocketrag.runtime.update.keys
import dev.pocketrag.runtime.update.requireKind
import dev.pocketrag.runtime.update.requireSigned
import java.util.Base64

/** One file that an app fetches from the channel's folder; [name] is a plain name, [sha256] 64 hex digits. */
public data class DeltaFile(public val name: String, public val bytes: Long, public val sha256: String)

/** What an app is to do about its bundle. */
public sealed interface UpdatePlan {
    /** There is nothing newer for it. */
    public data object UpToDate : UpdatePlan

    /** Fetch these, and give all of them to [Rag.update] in this order. */
    public data class Fetch(public val version: String, public val files: List<DeltaFile>) : UpdatePlan

    /** No chain of deltas leads there: only a new version of the app, or a pack, brings it. */
    public data class WholeBundle(public val version: String, public val bytes: Long) : UpdatePlan
}

/**
 * The index of a folder on a static host (`pocketrag channel`): which versions of a bundle there are, and which deltas between them.
 * Fetching is the app's.
 */
public class Channel private constructor(
    /** The bundle's name. */
    public val name: String,
    /** Grows with each change: keep the last one that was read. */
    public val serial: Long,
    private val versions: List<ChannelVersion>,
) {
    /**
     * Says which files lead to the newest version for [appId], with the fewest bytes in all.
     *
     * @param installed what is installed: [Rag.manifest].
     * @param appId any text of the app's own that stays: it decides who gets a version that is rolled out to a share.
     * @param without the SHA-256 of manifests that are not to be installed.
     * @throws UpdateException the channel is another bundle's.
     */
    @JvmOverloads
    public fun plan(installed: Manifest, appId: String, without: Set<String> = emptySet()): UpdatePlan {
        if (installed.name != name) throw UpdateException(
            UpdateFailure.OTHER_BUNDLE, "the channel is of the bundle $name, not of ${installed.name}",
        )
        val wanted = versions
            .filter { it.isKnown && isNewer(it.version, installed.version) && it.manifest !in without && it.isFor(name, appId) }
            .reduceOrNull { a, b -> if (isNewer(b.version, a.version)) b else a } ?: return UpdatePlan.UpToDate
        val files = cheapest(versions, installed.sha256, wanted.manifest) ?: return UpdatePlan.WholeBundle(wanted.version, wanted.bytes)
        return UpdatePlan.Fetch(wanted.version, files)
    }

    public companion object {
        /**
         * Reads `channel.json`.
         *
         * @param lastSerial of the channel that was read before, 0 where none was: an older one is refused.
         * @throws UpdateException it is damaged, not signed by [key], or older.
         */
        @JvmStatic
        public fun read(json: ByteArray, key: UpdateKey, lastSerial: Long): Channel {
            if (json.size > LARGEST_JSON) throw damaged("$FILE is larger than $LARGEST_JSON bytes")
            val outer = keys(json.toString(Charsets.UTF_8), FILE)
            val payload = outer.text("payload")
            requireSigned(payload.toByteArray(), outer.textOrNull("signature")?.let(::decoded), outer.textOrNull("key"), key, FILE)
            val keys = keys(payload, FILE)
            keys.requireKind("pocketrag-channel")
            val serial = keys.long("serial")
            if (serial < lastSerial) throw UpdateException(
                UpdateFailure.NOT_NEWER, "$FILE has the serial $serial, $lastSerial was seen before",
            )
            return Channel(keys.text("name"), serial, keys.channelVersions())
        }

        private fun decoded(base64: String): ByteArray =
            try {
                Base64.getDecoder().decode(base64)
            } catch (error: IllegalArgumentException) {
                throw damaged("the signature of $FILE is not base64", error)
            }

        private const val FILE = "channel.json"
    }
}
