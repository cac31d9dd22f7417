package dev.pocketrag.harness

import dev.pocketrag.runtime.Answer
import dev.pocketrag.runtime.Block
import dev.pocketrag.runtime.Digests
import dev.pocketrag.runtime.FolderSource
import dev.pocketrag.runtime.Hit
import dev.pocketrag.runtime.LongQuestions
import dev.pocketrag.runtime.Mode
import dev.pocketrag.runtime.Rag
import dev.pocketrag.runtime.RagClosedException
import dev.pocketrag.runtime.RagException
import dev.pocketrag.runtime.RagOptions
import dev.pocketrag.runtime.Role
import dev.pocketrag.runtime.Where
import dev.pocketrag.runtime.encoder.encoder
import dev.pocketrag.runtime.engine.Opening
import dev.pocketrag.runtime.install.Bundle
import dev.pocketrag.runtime.install.STATEMENTS
import dev.pocketrag.runtime.install.Stamps
import dev.pocketrag.runtime.search.FullText
import dev.pocketrag.runtime.search.Statements
import java.io.File
import java.util.concurrent.Callable
import java.util.concurrent.Executors
import kotlinx.coroutines.runBlocking
import org.json.JSONArray
import org.json.JSONObject

internal fun opened(task: JSONObject, given: Given = Given(task)): Rag =
    runBlocking { Opening(given, options(task)).open(task.getJSONArray("folders").texts().map { FolderSource(File(it)) }) }

internal fun options(task: JSONObject): RagOptions {
    val long = if (task.optBoolean("cut", true)) LongQuestions.CUT else LongQuestions.REFUSE
    val start = Role.valueOf(task.optString("start", "main").uppercase())
    val digests = Digests.valueOf(task.optString("digests", "once").uppercase())
    return RagOptions(long, digests, start, sqliteVec = task.has("vec0"))
}

/** Answers `requests`, each with the keywords of `Rag.search`; with `tokens` also the context. */
internal fun search(task: JSONObject): Any = opened(task).use { rag ->
    JSONArray(task.getJSONArray("requests").objects().map { request ->
        try {
            val answer = answer(rag, request)
            val blocks = if (request.has("tokens")) rag.contextBlocking(answer, request.getInt("tokens")).map(::block) else emptyList()
            answered(answer).put("blocks", JSONArray(blocks))
        } catch (error: RagException) {
            described(error)
        }
    })
}

internal fun answer(rag: Rag, request: JSONObject): Answer = runBlocking { asked(rag, request) }

internal suspend fun asked(rag: Rag, request: JSONObject): Answer = rag.search(
    request.getString("question"),
    request.optInt("limit", 10),
    if (request.has("mode")) Mode.valueOf(request.getString("mode").uppercase()) else null,
    request.optJSONObject("where")?.let(::where),
    if (request.has("threshold")) request.getDouble("threshold") else null,
)

private fun where(filter: JSONObject): Where =
    filter.keys().asSequence().map { it.toString() }.associateWith { key ->
        val row = filter.getJSONArray(key)
        List(row.length()) { row.get(it) }
    }

internal fun answered(answer: Answer): JSONObject =
    JSONObject()
        .put("mode", answer.mode.name.lowercase())
        .put("encoder", answer.encoder)
        .put("fell_back", answer.fellBack)
        .put("best", answer.best)
        .put("threshold", answer.threshold)
        .put("abstain", answer.abstain)
        .put("nothing", answer.nothing)
        .put("version", answer.version)
        .put("model_id", answer.modelId)
        .put("hits", JSONArray(answer.hits.map(::hit)))

private fun hit(hit: Hit): JSONObject {
    val row = JSONObject().put("rank", hit.rank).put("score", hit.score).put("dense_rank", hit.denseRank).put("bm25_rank", hit.bm25Rank)
        .put("cosine", hit.cosine)
    val passage = hit.passage
    row.put("corpus", hit.corpus).put("n", passage.n).put("id", passage.id).put("title", passage.title).put("text", passage.text)
    row.put("source", passage.source).put("page", passage.page).put("parent", passage.parent)
    return row.put("metadata", JSONObject(passage.metadata))
}

private fun block(block: Block): JSONObject =
    JSONObject().put("rank", block.rank).put("corpus", block.corpus).put("source", block.source).put("title", block.title)
        .put("text", block.text).put("ids", JSONArray(block.ids)).put("tokens", block.tokens)

internal fun bundle(folder: File): Bundle = Bundle.open(folder, Digests.ALWAYS, Stamps(File(folder.path + ".checked"))) {}

/** The FTS5 query of every text, null where no word is known. */
internal fun match(task: JSONObject): Any {
    val bundle = bundle(File(task.getString("folder")))
    return JdbcSql(bundle.database).use { sql ->
        val fullText = FullText(sql, Statements(bundle.text(STATEMENTS)))
        JSONArray(task.getJSONArray("texts").texts().map { fullText.match(it) ?: JSONObject.NULL })
    }
}

/** What opening each folder throws; null where it opens. */
internal fun failures(task: JSONObject): Any = JSONArray(task.getJSONArray("folders").texts().map { folder ->
    try {
        opened(JSONObject(task.toString()).put("folders", JSONArray(listOf(folder)))).close()
        JSONObject.NULL
    } catch (error: RagException) {
        described(error)
    }
})

internal fun selfTest(task: JSONObject): Any = opened(task).use { rag ->
    val result = rag.selfTestBlocking()
    val checks = result.checks.map {
        JSONObject().put("encoder", it.encoder).put("detail", it.detail)
            .put("name", it.name).put("value", it.value ?: JSONObject.NULL).put("passed", it.passed).put("n", it.n)
    }
    JSONObject().put("passed", result.passed).put("model_id", result.modelId).put("checks", JSONArray(checks))
}

/** Answers all requests in 4 threads at once; then closes twice and asks once more. */
internal fun threads(task: JSONObject): Any {
    val rag = opened(task)
    val pool = Executors.newFixedThreadPool(4)
    val found = pool.invokeAll(task.getJSONArray("requests").objects().map { Callable { answered(answer(rag, it)) } }).map { it.get() }
    pool.shutdown()
    repeat(2) { rag.close() }
    val after = try {
        rag.searchBlocking("anything").toString()
    } catch (error: RagClosedException) {
        error.message
    }
    return JSONObject().put("answers", JSONArray(found)).put("after", after)
}
