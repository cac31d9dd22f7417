package dev.pocketrag.runtime

/** One figure of the self-test: [value] must be at least [limit]; [value] is null where it could not be measured. */
public data class Check(
    /** The name of the encoder that it is of. */
    public val encoder: String,
    public val name: String,
    public val value: Double?,
    public val limit: Double,
    public val n: Int,
    public val detail: String,
) {
    public val passed: Boolean
        get() = value != null && value >= limit
}

/** What the phone found; send [checks] with a bug report. */
public data class SelfTestResult(public val modelId: String, public val checks: List<Check>) {
    public val passed: Boolean
        get() = checks.all { it.passed }
}
