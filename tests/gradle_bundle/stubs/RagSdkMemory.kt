// Of com.google.ai.edge.localagents:localagents-rag 0.3.0, memory:
// local_agents/rag/java/com/google/ai/edge/localagents/rag/memory/{VectorStore,VectorStoreRecord}.java of
// github.com/google-ai-edge/ai-edge-apis at f93b6b670462.
package com.google.ai.edge.localagents.rag.memory

import com.google.common.collect.ImmutableList
import com.google.common.collect.ImmutableMap

public interface VectorStore<T> {
    public fun insert(record: VectorStoreRecord<T>)

    public fun getNearestRecords(queryEmbeddings: List<Float>, topK: Int, minSimilarityScore: Float): List<VectorStoreRecord<T>>
}

public class VectorStoreRecord<T> private constructor(
    public val data: T,
    public val embeddings: ImmutableList<Float>,
    public val metadata: ImmutableMap<String, Any>,
) {
    public companion object {
        @JvmStatic
        public fun <T> create(data: T, embeddings: ImmutableList<Float>, metadata: ImmutableMap<String, Any>): VectorStoreRecord<T> =
            VectorStoreRecord(data, embeddings, metadata)
    }
}
