// Signatures of com.google.ai.edge.localagents:localagents-rag 0.3.0, models:
// local_agents/rag/java/com/google/ai/edge/localagents/rag/models/{Embedder,EmbeddingRequest,EmbedData}.java of
// github.com/google-ai-edge/ai-edge-apis at f93b6b670462 (RAG_SDK_VERSION there is 0.3.0). Getters of Java are properties here, which
// compile to the same calls.
package com.google.ai.edge.localagents.rag.models

import com.google.common.collect.ImmutableList
import com.google.common.util.concurrent.ListenableFuture

public interface Embedder<T> {
    public fun getEmbeddings(request: EmbeddingRequest<T>): ListenableFuture<ImmutableList<Float>>

    public fun getBatchEmbeddings(request: EmbeddingRequest<T>): ListenableFuture<ImmutableList<ImmutableList<Float>>>
}

public class EmbeddingRequest<T> private constructor(public val embedData: ImmutableList<EmbedData<T>>) {
    public companion object {
        @JvmStatic
        public fun <T> create(embedData: List<EmbedData<T>>): EmbeddingRequest<T> = EmbeddingRequest(ImmutableList.copyOf(embedData))
    }
}

public class EmbedData<T> private constructor(
    public val data: T,
    public val task: TaskType,
    @get:JvmName("getIsQuery") public val isQuery: Boolean,
) {
    public enum class TaskType {
        TASK_TYPE_UNSPECIFIED,
        RETRIEVAL_QUERY,
        RETRIEVAL_DOCUMENT,
        SEMANTIC_SIMILARITY,
        CLASSIFICATION,
        CLUSTERING,
        QUESTION_ANSWERING,
        FACT_VERIFICATION,
        CODE_RETRIEVAL,
    }

    public companion object {
        @JvmStatic
        public fun <T> create(data: T, taskType: TaskType, isQuery: Boolean): EmbedData<T> = EmbedData(data, taskType, isQuery)
    }
}
