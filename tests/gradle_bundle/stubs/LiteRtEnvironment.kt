// Of com.google.ai.edge.litert:litert-api 2.3, Environment.kt and LiteRtException.kt of github.com/google-ai-edge/LiteRT at f67457790c9c.
package com.google.ai.edge.litert

import android.content.Context

public class Environment private constructor(handle: Long) : JniHandle(handle) {
    /** Further two are for Google's own use: the handles of the runtime and of the GPU accelerator of Play services. */
    public enum class Option(public val value: Int) { CompilerPluginLibraryDir(0), DispatchLibraryDir(1) }

    @Throws(LiteRtException::class)
    public fun getAvailableAccelerators(): Set<Accelerator> {
        val values = nativeGetAvailableAccelerators(handle)
        return Accelerator.entries.filter { it.value in values }.toSet()
    }

    override fun destroy(): Unit = nativeDestroy(handle)

    public companion object {
        /** With LiteRT's compiler cache in the app's cache folder, which the one without a context has not. */
        @Throws(LiteRtException::class)
        @JvmStatic
        @JvmOverloads
        public fun create(context: Context, options: Map<Option, String> = mapOf(), enableCompilerCache: Boolean = true): Environment =
            error("a stub: ${context.cacheDir}, $options, $enableCompilerCache")

        @Throws(LiteRtException::class)
        @JvmStatic
        @JvmOverloads
        public fun create(options: Map<Option, String> = mapOf()): Environment =
            Environment(nativeCreate(options.keys.map { it.value }.toIntArray(), options.values.toTypedArray()))

        @JvmStatic
        private external fun nativeCreate(keys: IntArray, values: Array<String>): Long

        @JvmStatic
        private external fun nativeGetAvailableAccelerators(handle: Long): IntArray

        @JvmStatic
        private external fun nativeDestroy(handle: Long)
    }
}

/** Native code makes it by its name, from a number and a text. */
public class LiteRtException(private val status: Status, message: String) : Exception(message) {
    public constructor(code: Int, message: String) : this(Status.fromCode(code), message)

    // LiteRT keeps it to itself: a caller has the text alone.
    override fun toString(): String = "LiteRtException: $message ($status)"
}

/** The first four of LiteRT's numbers. */
public enum class Status(public val code: Int) {
    Ok(0),
    ErrorInvalidArgument(1),
    ErrorMemoryAllocationFailure(2),
    ErrorRuntimeFailure(3),
    ;

    public companion object {
        public fun fromCode(code: Int): Status = requireNotNull(entries.firstOrNull { it.code == code })
    }
}
