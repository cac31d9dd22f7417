package dev.pocketrag.edge

import com.google.ai.edge.localagents.rag.models.EmbedData
import com.google.ai.edge.localagents.rag.models.Embedder
import com.google.ai.edge.localagents.rag.models.EmbeddingRequest
import com.google.common.collect.ImmutableList
import com.google.common.util.concurrent.ListenableFuture
import com.google.common.util.concurrent.ListenableFutureTask
import dev.pocketrag.runtime.Rag
import java.util.concurrent.Callable
import java.util.concurrent.Executor

/**
 * The bundle's embedder for the AI Edge RAG SDK, with the bundle's own prompts, whatever the task: the SDK's are another model's.
 *
 * @param executor on which it runs; the calls themselves wait for each other.
 */
public class PocketragEmbedder(private val rag: Rag, private val executor: Executor) : Embedder<String> {
    override fun getEmbeddings(request: EmbeddingRequest<String>): ListenableFuture<ImmutableList<Float>> =
        submit { embed(request.embedData.first()) }

    override fun getBatchEmbeddings(request: EmbeddingRequest<String>): ListenableFuture<ImmutableList<ImmutableList<Float>>> =
        submit { ImmutableList.copyOf(request.embedData.map(::embed)) }

    private fun embed(data: EmbedData<String>): ImmutableList<Float> {
        val asked = data.isQuery || data.task != EmbedData.TaskType.RETRIEVAL_DOCUMENT
        val vector = if (asked) rag.embedBlocking(data.data) else rag.embedPassageBlocking(data.data)
        return ImmutableList.copyOf(vector.asList())
    }

    private fun <T> submit(work: () -> T): ListenableFuture<T> {
        val task = ListenableFutureTask.create(Callable { work() })
        executor.execute(task)
        return task
    }
}
