package dev.pocketrag.answer.android

import com.google.ai.edge.litertlm.Backend
import com.google.ai.edge.litertlm.Content
import com.google.ai.edge.litertlm.Contents
import com.google.ai.edge.litertlm.Conversation
import com.google.ai.edge.litertlm.ConversationConfig
import com.google.ai.edge.litertlm.Engine
import com.google.ai.edge.litertlm.EngineConfig
import com.google.ai.edge.litertlm.Message
import com.google.ai.edge.litertlm.MessageCallback
import com.google.ai.edge.litertlm.SamplerConfig
import dev.pocketrag.answer.engine.GeneratorException
import dev.pocketrag.answer.engine.Spec
import dev.pocketrag.answer.engine.Writer
import dev.pocketrag.answer.text.Messages
import java.io.File
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.channels.ProducerScope
import kotlinx.coroutines.channels.awaitClose
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.buffer
import kotlinx.coroutines.flow.callbackFlow
import kotlinx.coroutines.flow.take

/** How long a step of the model may still run once it was cancelled. */
private const val PATIENCE_SECONDS = 30L
private const val FULL = "Max number of tokens reached"

/**
 * LiteRT-LM: one engine, one conversation a question, the likeliest token always.
 *
 * No parameter is left out: what Kotlin compiles then holds for one version of theirs alone, and they add parameters with most versions.
 * What is called here is what `@JvmOverloads` makes, which stays.
 */
internal class LiteRtLmWriter(private val spec: Spec, cache: File) : Writer {
    private val engine = Engine(
        EngineConfig(spec.model.path, Backend.CPU(), null, null, spec.maxTokens, null, cache.path),
    ).also { it.initialize() }

    /** Its own `Flow` drops parts that come faster than they are collected, and goes on when its collector is cancelled. */
    override fun write(messages: Messages): Flow<String> = callbackFlow<String> {
        val talk = begun { conversation(messages.system) }
        val told = Told(this)
        try {
            begun { talk.sendMessageAsync(messages.user, told) }
        } catch (error: GeneratorException) {
            talk.close()
            throw error
        }
        awaitClose { end(talk, told.ended) }
    }.buffer(Channel.UNLIMITED).take(spec.answerTokens)

    override fun close(): Unit = engine.close()

    private fun conversation(system: String): Conversation = engine.createConversation(
        ConversationConfig(Contents.of(system), emptyList(), emptyList(), SamplerConfig(1, 1.0, 1.0, 0), false),
    )

    /** Its memory must not go while a step of the model writes there. */
    private fun end(talk: Conversation, ended: CountDownLatch) {
        talk.cancelProcess()
        if (ended.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) talk.close()
    }

    private fun <T> begun(work: () -> T): T = try {
        work()
    } catch (error: RuntimeException) {
        throw GeneratorException("the model failed (${error.message})", error)
    }
}

/** What LiteRT-LM tells, on a thread of its own. */
private class Told(private val parts: ProducerScope<String>) : MessageCallback {
    val ended = CountDownLatch(1)

    override fun onMessage(message: Message) {
        parts.trySend(message.contents.contents.filterIsInstance<Content.Text>().joinToString("") { it.text })
    }

    override fun onDone(): Unit = end(null)

    /** Where there is room for no more tokens, what was written is the answer, as on the desktop. */
    override fun onError(throwable: Throwable): Unit =
        end(if (FULL in throwable.message.orEmpty()) null else GeneratorException("the model failed (${throwable.message})", throwable))

    private fun end(why: Throwable?) {
        ended.countDown()
        parts.close(why)
    }
}
