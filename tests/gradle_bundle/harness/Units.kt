package dev.pocketrag.harness

import com.google.ai.edge.localagents.rag.memory.VectorStoreRecord
import com.google.ai.edge.localagents.rag.models.EmbedData
import com.google.ai.edge.localagents.rag.models.EmbeddingRequest
import com.google.common.collect.ImmutableList
import com.google.common.collect.ImmutableMap
import dev.pocketrag.edge.PocketragEmbedder
import dev.pocketrag.edge.PocketragStore
import dev.pocketrag.runtime.RagException
import dev.pocketrag.runtime.Ranked
import dev.pocketrag.runtime.encoder.WeightCache
import dev.pocketrag.runtime.search.BRUTE
import dev.pocketrag.runtime.search.CANDIDATES
import dev.pocketrag.runtime.search.Fusion
import dev.pocketrag.runtime.search.Int8Vectors
import dev.pocketrag.runtime.search.Quantized
import dev.pocketrag.runtime.text.CodePoints
import java.io.File
import org.json.JSONArray
import org.json.JSONObject

/** Texts in the order of their code points. */
internal fun order(task: JSONObject): Any = JSONArray(task.getJSONArray("texts").texts().sortedWith(CodePoints))

/** Every case is two lists and a weight. */
internal fun fusion(task: JSONObject): Any = JSONArray(task.getJSONArray("cases").rows().map { case ->
    val fuse = Fusion.BY_NAME.getValue(task.getString("fusion"))
    listed(fuse(ranked(case.getJSONArray(0)), ranked(case.getJSONArray(1)), case.getDouble(2)))
})

private fun ranked(rows: JSONArray): List<Ranked> = rows.rows().map { Ranked(it.getString(0), it.getDouble(1)) }

private fun listed(rows: List<Ranked>): JSONArray = JSONArray(rows.map { JSONArray(listOf(it.id, it.score)) })

/** The nearest of int8 vectors, each question with a limit and perhaps the ids among which it chooses. */
internal fun vectors(task: JSONObject): Any {
    val vectors = Int8Vectors(
        task.getJSONArray("ids").texts(), bytes(task.getString("rows")), task.getInt("dims"), task.getDouble("scale"),
        task.optInt("brute", BRUTE), task.optInt("candidates", CANDIDATES),
    )
    return JSONArray(task.getJSONArray("questions").objects().map { question ->
        val allowed = question.optJSONArray("allowed")?.texts()?.toSet()
        listed(vectors.nearest(floats(question.getString("vector")), question.getInt("limit"), allowed))
    })
}

internal fun quantize(task: JSONObject): Any = JSONArray(task.getJSONArray("vectors").texts().map {
    val quantized = Quantized(floats(it))
    JSONArray(listOf(quantized.scale, JSONArray(quantized.bytes.toList())))
})

/** The adapters to AI Edge RAG SDK, on stubs that work. */
internal fun edge(task: JSONObject): Any = opened(task).use { rag ->
    val embedder = PocketragEmbedder(rag) { it.run() }
    val store = PocketragStore(rag)
    val question = EmbedData.create(task.getString("question"), EmbedData.TaskType.RETRIEVAL_QUERY, true)
    val passage = EmbedData.create(task.getString("passage"), EmbedData.TaskType.RETRIEVAL_DOCUMENT, false)
    val vector = embedder.getEmbeddings(EmbeddingRequest.create(listOf(question))).get()
    val both = embedder.getBatchEmbeddings(EmbeddingRequest.create(listOf(question, passage))).get()
    val records = store.getNearestRecords(vector, 5, task.getDouble("least").toFloat())
    val refused = try {
        store.insert(VectorStoreRecord.create("text", ImmutableList.of(), ImmutableMap.copyOf(emptyMap())))
    } catch (error: UnsupportedOperationException) {
        described(error)
    }
    JSONObject().put("vector", JSONArray(vector)).put("both", JSONArray(both.map { JSONArray(it) })).put("refused", refused)
        .put("records", JSONArray(records.map { JSONObject().put("text", it.data).put("metadata", JSONObject(it.metadata)) }))
}

/** What `Rag.nearest` says of vectors that are none. */
internal fun reported(task: JSONObject): Any = opened(task).use { rag ->
    JSONArray(task.getJSONArray("asked").texts().map {
        try {
            JSONObject().put("found", rag.nearestBlocking(floats(it), 3).size)
        } catch (error: RagException) {
            described(error)
        }
    })
}

/** What the weight cache does with files that it finds. */
internal fun cache(task: JSONObject): Any {
    val folder = File(task.getString("folder"))
    val cache = WeightCache(folder, "ab".repeat(32))
    val steps = JSONArray()
    fun step(before: () -> Unit) {
        before()
        steps.put(cache.prepare()?.exists() ?: "locked")
    }
    step {}
    step { cache.file.writeText("half") }
    step { cache.file.writeText("whole").also { cache.vouch() } }
    step { cache.file.appendText("written over") }
    step { cache.file.writeText("whole").also { cache.vouch() } }
    val beside = WeightCache(folder, "cd".repeat(32), listOf("ab".repeat(32)))
    step { checkNotNull(beside.prepare()).writeText("another").also { beside.vouch() } }
    step { WeightCache(folder, "cd".repeat(32)).prepare() }
    val full = WeightCache(File(folder, "full"), "ef".repeat(32))
    checkNotNull(full.prepare()).writeText("whole")
    // Nothing can be written where a folder lies.
    File(folder, "full/${full.file.name}.whole").mkdirs()
    full.vouch()
    val after = WeightCache(File(folder, "full"), "ef".repeat(32)).prepare()?.exists() ?: "locked"
    File(folder, "full").deleteRecursively()
    return JSONObject().put("kept", steps).put("full", after).put("names", JSONArray(folder.list()?.sorted().orEmpty()))
}
