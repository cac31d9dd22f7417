package dev.pocketrag.runtime.update

import dev.pocketrag.runtime.UpdateException
import dev.pocketrag.runtime.install.Keys
import org.json.JSONArray
import org.json.JSONObject

// record.json: {"current": {"folder", "version", "sha256"} or null, "former": the same, "refused": [sha256, …]}

internal fun Record.bytes(): ByteArray =
    JSONObject().put("current", json(current)).put("former", json(former)).put("refused", JSONArray(refused.sorted()))
        .toString().toByteArray()

private fun json(version: Updated?): Any =
    if (version == null) JSONObject.NULL
    else JSONObject().put("folder", version.folder).put("version", version.version).put("sha256", version.sha256)

/** What can't be read names nothing: then the app's own version is opened. */
internal fun Record.Companion.read(bytes: ByteArray): Record =
    try {
        val keys = keys(bytes.toString(Charsets.UTF_8), "record.json")
        Record(keys.version("current"), keys.version("former"), keys.texts("refused").toSet())
    } catch (_: UpdateException) {
        NONE
    }

private fun Keys.version(key: String): Updated? =
    partOrNull(key)?.run { Updated(text("folder"), text("version"), text("sha256")) }
