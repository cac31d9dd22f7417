package dev.pocketrag.runtime

import dev.pocketrag.runtime.encoder.EmbedderSpec
import dev.pocketrag.runtime.encoder.FusionSpec
import dev.pocketrag.runtime.install.BundleFile

/** How a search ranks. */
public enum class Mode { DENSE, BM25, HYBRID }

/** Why a bundle holds an encoder, in the order in which they are tried; and the names of its files, which go by the role. */
public enum class Role(internal val file: String, internal val golden: String) {
    /** Answers. */
    MAIN("embedder.tflite", "golden.json"),

    /** Answers where the main one can't be used, or where the app starts there: [RagOptions.start]. */
    FALLBACK("fallback.tflite", "fallback.golden.json"),
}

/** One of a bundle's encoders: what turns a question into a vector that finds the bundle's passages. */
public class Encoder internal constructor(
    /** "full" is the quantized model that made the passages' vectors; any other is a student's. */
    public val name: String,
    public val role: Role,
    /** What it is made of: "full", "static", …. The runtime runs all kinds alike. */
    public val kind: String,
    internal val spec: EmbedderSpec,
    internal val fusion: FusionSpec,
    /** `abstention.threshold`; null where nobody measured it. */
    public val threshold: Double?,
) {
    /** Its model. */
    internal val file: String
        get() = role.file

    /** What the building machine computed with it, for [Rag.selfTest]. */
    internal val golden: String
        get() = role.golden
}

/** What a bundle says of itself in `manifest.json`, as far as a phone needs it; of [encoders] the main one is the first. */
public class Manifest internal constructor(
    public val name: String,
    public val version: String,
    public val modelId: String,
    public val encoders: List<Encoder>,
    public val passages: Int,
    /** Of the model that made the passages' vectors, which the database names too. */
    internal val vectorsId: String,
    /** Of `manifest.json`, which holds the digests of all files: equal ones, equal bundles. */
    internal val sha256: String,
    internal val files: Map<String, BundleFile>,
) {
    /** The encoder that answers unless [RagOptions.start] says otherwise. */
    public val main: Encoder
        get() = encoders.first()

    /** Of the main encoder. */
    internal val embedder: EmbedderSpec
        get() = main.spec
}
