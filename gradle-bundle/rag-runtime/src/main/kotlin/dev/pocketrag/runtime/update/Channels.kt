package dev.pocketrag.runtime.update

import dev.pocketrag.runtime.DeltaFile
import dev.pocketrag.runtime.install.CONTRACT
import dev.pocketrag.runtime.install.Keys
import java.nio.ByteBuffer
import java.security.MessageDigest

/** A delta of a channel, from the version whose `manifest.json` has the SHA-256 [from]. */
internal class Step(val fromVersion: String, val from: String, val file: DeltaFile)

/** A version of a channel; [share] of all apps are to have it, 0 to 1. */
internal class ChannelVersion(
    val version: String,
    val contract: Int,
    val manifest: String,
    val bytes: Long,
    private val share: Double,
    val deltas: List<Step>,
) {
    val isKnown: Boolean
        get() = contract in 1..CONTRACT

    fun isFor(bundle: String, appId: String): Boolean = share >= 1 || place("$bundle/$version/$appId") < share

    /** The first 64 bits of its SHA-256 as a number from 0 up to 1. */
    private fun place(text: String): Double {
        val digest = MessageDigest.getInstance("SHA-256").digest(text.toByteArray())
        return ByteBuffer.wrap(digest).getLong().toULong().toDouble() / ALL
    }

    private companion object {
        private const val ALL = 18446744073709551616.0
    }
}

/** @throws UpdateException it is not of this form. */
internal fun Keys.channelVersions(): List<ChannelVersion> = parts("versions").map { one ->
    val share = one.number("share").takeIf { it in 0.0..1.0 } ?: one.wrong("share")
    ChannelVersion(
        one.text("version"), one.whole("contract"), one.sha256("manifest_sha256"), one.long("bytes"), share,
        one.parts("deltas").map { it.step() },
    )
}

/** As the desktop names its files; no separator, no scheme, no dot before: it is looked for in the channel's folder. */
private val PLAIN = Regex("[A-Za-z0-9_+-][A-Za-z0-9._+-]{0,254}")

private fun Keys.step(): Step {
    val file = text("file").takeIf { PLAIN.matches(it) } ?: wrong("file", "is no plain name of a file")
    return Step(text("from_version"), sha256("from_manifest_sha256"), DeltaFile(file, long("bytes"), sha256("sha256")))
}

/** A chain of deltas from what is installed; [total] bytes in all. */
private class Chain(val files: List<DeltaFile>, val total: Long) {
    operator fun plus(file: DeltaFile) = Chain(files + file, total + file.bytes)
}

/**
 * Returns the chain of deltas with the fewest bytes, of equal ones that with the fewest files; null where there is none.
 * Each step leads to a newer version of a contract that this runtime knows, so the best way to each is found from the oldest on.
 */
internal fun cheapest(versions: List<ChannelVersion>, installed: String, wanted: String): List<DeltaFile>? {
    val best = hashMapOf(installed to Chain(emptyList(), 0))
    for (to in versions.filter { it.isKnown && it.manifest != installed }.sortedBy { VersionOrder(it.version) }) {
        val steps = to.deltas.filter { isNewer(to.version, it.fromVersion) }
        val chains = steps.mapNotNull { step -> best[step.from]?.plus(step.file) }
        chains.minWithOrNull(compareBy({ it.total }, { it.files.size }))?.let { best[to.manifest] = it }
    }
    return best[wanted]?.files
}
