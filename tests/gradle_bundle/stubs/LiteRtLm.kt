// Signatures of com.google.ai.edge.litertlm:litertlm-android 0.18: kotlin/java/com/google/ai/edge/litertlm/{Engine,Config,Conversation}.kt
// of github.com/google-ai-edge/LiteRT-LM at 35f580cfc234, 0d05de39b445 and 004ee26cc11c (the newest sources that could be read; Message.kt
// as forks have it). As the JVM has them, with what @JvmOverloads makes of defaults: the classes of rag-answer are compiled against these
// and link to the real ones, whose further parameters differ from version to version.
@file:Suppress("unused", "UNUSED_PARAMETER")

package com.google.ai.edge.litertlm

public sealed class Backend {
    /** All of its parameters have defaults. */
    public class CPU : Backend()
}

public class EngineConfig(
    modelPath: String,
    backend: Backend,
    visionBackend: Backend?,
    audioBackend: Backend?,
    maxNumTokens: Int?,
    maxNumImages: Int?,
    cacheDir: String?,
)

public class SamplerConfig(topK: Int, topP: Double, temperature: Double, seed: Int)

public interface ToolProvider

public class ConversationConfig(
    systemInstruction: Contents?,
    initialMessages: List<Message>,
    tools: List<ToolProvider>,
    samplerConfig: SamplerConfig?,
    automaticToolCalling: Boolean,
)

public class Engine(engineConfig: EngineConfig) : AutoCloseable {
    public fun initialize(): Unit = error("a stub")

    public fun createConversation(conversationConfig: ConversationConfig): Conversation = error("a stub")

    override fun close(): Unit = error("a stub")
}

public class Conversation internal constructor() : AutoCloseable {
    public fun sendMessageAsync(text: String, callback: MessageCallback): Unit = error("a stub")

    public fun cancelProcess(): Unit = error("a stub")

    override fun close(): Unit = error("a stub")
}

public interface MessageCallback {
    public fun onMessage(message: Message)

    public fun onDone()

    public fun onError(throwable: Throwable)
}

public class Message internal constructor(public val contents: Contents)

public class Contents private constructor(public val contents: List<Content>) {
    public companion object {
        public fun of(text: String): Contents = Contents(listOf(Content.Text(text)))
    }
}

public sealed class Content {
    public class Text(public val text: String) : Content()
}
