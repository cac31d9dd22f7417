package dev.pocketrag.edge

import com.google.ai.edge.localagents.rag.memory.VectorStore
import com.google.ai.edge.localagents.rag.memory.VectorStoreRecord
import com.google.common.collect.ImmutableList
import com.google.common.collect.ImmutableMap
import dev.pocketrag.runtime.Passage
import dev.pocketrag.runtime.Rag

/** The bundle's passages for the AI Edge RAG SDK, ranked by vectors alone: the SDK hands over no question, so full text has no part. */
public class PocketragStore(private val rag: Rag) : VectorStore<String> {
    /** A bundle is not written: its passages are embedded when it is built. */
    override fun insert(record: VectorStoreRecord<String>): Unit =
        throw UnsupportedOperationException("a bundle is read-only: add the passage to the corpus and build the bundle again.")

    override fun getNearestRecords(queryEmbeddings: List<Float>, topK: Int, minSimilarityScore: Float): List<VectorStoreRecord<String>> =
        rag.nearestBlocking(queryEmbeddings.toFloatArray(), topK)
            .filter { it.score >= minSimilarityScore }
            .map { record(rag.passageBlocking(it.id), it.score) }

    /** The SDK reads no vector back, so none is given: they are int8 and would be made anew for every record. */
    private fun record(passage: Passage, score: Double): VectorStoreRecord<String> {
        val place = mapOf("source" to passage.source, "page" to passage.page)
        val facts = mapOf("id" to passage.id, "title" to passage.title, "score" to score) + place
        val known = facts.entries.mapNotNull { (key, value) -> value?.let { key to it } }.toMap<String, Any>()
        return VectorStoreRecord.create(passage.text, ImmutableList.of(), ImmutableMap.copyOf(known))
    }
}
