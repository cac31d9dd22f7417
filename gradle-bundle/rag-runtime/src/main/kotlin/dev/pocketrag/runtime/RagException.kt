package dev.pocketrag.runtime

/**
 * What this library throws on purpose: the message says what was wrong and what to do.
 *
 * Sealed, so that a `when` over it is complete; those of tokenizers are in this file, the others in Failures.kt.
 */
public sealed class RagException(message: String, cause: Throwable? = null) : RuntimeException(message, cause)

/** The manifest names a kind of tokenizer that this version of the library does not know. */
public class UnknownTokenizerException(public val kind: String) :
    RagException("tokenizer kind \"$kind\" is unknown; use the version of the library that belongs to the bundle's pocketrag version.")

/** A tokenizer's file is damaged: cut off, overwritten, or no such file at all. */
public class CorruptTokenizerException(public val file: String, public val reason: String, cause: Throwable? = null) :
    RagException("$file: $reason; install the bundle again.", cause)

/** A tokenizer's file is whole but asks for something that this library does not do; going on would give wrong ids. */
public class UnsupportedTokenizerException(public val file: String, public val feature: String) :
    RagException("$file: uses $feature, which this library does not have; build the bundle from an embedder that `pocketrag check` passes.")
