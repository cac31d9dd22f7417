package dev.pocketrag.harness

import dev.pocketrag.answer.Tier
import dev.pocketrag.answer.Tiers
import dev.pocketrag.answer.TiersException
import dev.pocketrag.answer.engine.tiersOf
import java.io.File
import org.json.JSONArray
import org.json.JSONObject

/** What is read of each text in `cases`, and of `file` with the digest `sha256`; or why it can't be. */
internal fun tiers(task: JSONObject): Any = JSONArray(
    task.optJSONArray("cases")?.texts()?.map { text -> orRefused { tiersOf("tiny.tiers.json", text.toByteArray()) } }
        ?: listOf(orRefused { Tiers.read(File(task.getString("file")), task.getString("sha256")) }),
)

/** Each case is a file's text, the memory of a phone, the folders that it has, and whether a server may be asked. */
internal fun chosen(task: JSONObject): Any = JSONArray(task.getJSONArray("cases").rows().map { case ->
    val tiers = tiersOf("tiny.tiers.json", case.getString(0).toByteArray())
    val bytes = case.getLong(1)
    val folders = case.getJSONArray(2).texts().toSet()
    JSONArray(listOf(tiers.choose(bytes, folders, case.getBoolean(3)).name, tiers.worthFetching(bytes)?.folder ?: JSONObject.NULL))
})

private fun orRefused(read: () -> Tiers): Any = try {
    val tiers = read()
    JSONObject().put("name", tiers.name).put("version", tiers.version).put("tiers", JSONArray(tiers.tiers.map(::row)))
} catch (error: TiersException) {
    described(error)
}

private fun row(tier: Tier): JSONObject {
    val pack = tier.pack?.let { pack ->
        val files = JSONObject(pack.files.mapValues { (_, file) -> JSONObject().put("bytes", file.bytes).put("sha256", file.sha256) })
        JSONObject().put("name", pack.name).put("folder", pack.folder).put("bytes", pack.bytes).put("files", files)
    }
    val server = tier.server?.let { JSONObject().put("url", it.url).put("model", it.model) }
    return JSONObject().put("name", tier.name).put("answers", tier.answers.name.lowercase()).put("memory_megabytes", tier.memoryMegabytes)
        .put("pack", pack ?: JSONObject.NULL).put("server", server ?: JSONObject.NULL).put("ships", tier.ships).put("why", tier.why)
}
