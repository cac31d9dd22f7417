package dev.pocketrag.runtime.update

import dev.pocketrag.runtime.Manifest
import dev.pocketrag.runtime.UpdateException
import dev.pocketrag.runtime.UpdateFailure

/**
 * Refuses deltas that don't lead from [base] to a newer version, one after the other.
 *
 * @param downgrade the version may be older, or one that a rollback left.
 * @throws UpdateException why.
 */
internal fun admit(deltas: List<DeltaSpec>, base: Manifest, record: Record, downgrade: Boolean) {
    val last = deltas.last().new
    deltas.forEach { requireContract(it.contract) }
    if (!downgrade) refuseOlder(last, base, record)
    var (version, manifest) = base.version to base.sha256
    for (delta in deltas) {
        if (delta.name != base.name) throw UpdateException(
            UpdateFailure.OTHER_BUNDLE, "it is of the bundle ${delta.name}, not of ${base.name}",
        )
        if (delta.old.manifest != manifest) throw UpdateException(
            UpdateFailure.OTHER_BASE,
            "it changes version ${delta.old.version}, and not this build of $version: fetch the one for it, or the whole bundle",
        )
        version = delta.new.version
        manifest = delta.new.manifest
    }
}

private fun refuseOlder(last: Side, base: Manifest, record: Record) {
    if (last.manifest in record.refused) throw UpdateException(
        UpdateFailure.ROLLED_BACK, "version ${last.version} was left by a rollback: it is taken with `downgrade` alone",
    )
    if (!isNewer(last.version, base.version)) throw UpdateException(
        UpdateFailure.NOT_NEWER, "version ${last.version} is no newer than ${base.version}: it is taken with `downgrade` alone",
    )
}
