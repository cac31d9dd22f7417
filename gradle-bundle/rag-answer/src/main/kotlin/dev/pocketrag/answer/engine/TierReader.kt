package dev.pocketrag.answer.engine

import dev.pocketrag.answer.Answers
import dev.pocketrag.answer.Tier
import dev.pocketrag.answer.TierFile
import dev.pocketrag.answer.TierPack
import dev.pocketrag.answer.TierServer
import dev.pocketrag.answer.Tiers
import dev.pocketrag.answer.TiersException
import java.nio.ByteBuffer
import java.nio.charset.CharacterCodingException

// As pocketrag/formats/facts/tiers.py has it: what is refused there is refused here.
private const val CONTRACT = 1L
private const val FAR = 1e15
private const val MOST_MEGABYTES = 1_000_000_000L
private val NAME = Regex("[a-z0-9][a-z0-9_-]{0,62}")
private val VERSION = Regex("[0-9]+(\\.[0-9]+){0,2}([.-][A-Za-z0-9]+)*")
private val PLAIN = Regex("[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
private val PACK = Regex("[A-Za-z][A-Za-z0-9_]{0,99}")
private val URL = Regex("https://[A-Za-z0-9.-]{1,200}(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]{0,400})?")
private val MODEL = Regex("[A-Za-z0-9][A-Za-z0-9._/:@+-]{0,199}")
private val SHA256 = Regex("[0-9a-f]{64}")
private val WHY = Regex("[\\s\\S]{0,2000}")
private val ORDER = listOf("free", "standard", "premium")
private val ANSWERS = Answers.entries.associateBy { it.name.lowercase() }
private val LIMITS = setOf("accuracy", "quantization_loss", "seconds", "memory_megabytes")
private val TIER = setOf("name", "answers", "memory_megabytes", "pack", "server", "exam", "measured", "limits", "ships", "why")
private val TIMES = setOf("host", "phone", "seconds", "first_token_seconds", "tokens_per_second", "memory_megabytes")

/** Reads a whole `NAME.tiers.json`. @throws TiersException it is not to the letter what is written there. */
internal fun tiersOf(where: String, bytes: ByteArray): Tiers {
    val text = try {
        Charsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString()
    } catch (error: CharacterCodingException) {
        throw TiersException("$where: not UTF-8; write the tiers again.", error)
    }
    val json = StrictJson.of(where, text, setOf("contract", "name", "version", "tiers"))
    val contract = json.count("contract")
    if (contract != CONTRACT) throw TiersException("$where: contract $contract; this library reads $CONTRACT.")
    val tiers = json.list("tiers").mapIndexed { n, row -> tier(StrictJson("$where: tiers.$n", row, TIER)) }
    val order = tiers.map { ORDER.indexOf(it.name) }
    if (order.isEmpty() || order != order.distinct().sorted()) json.refuse("tiers", "not each once, in the order $ORDER")
    if (tiers[0].let { it.name != ORDER[0] || it.answers != Answers.QUOTES || it.memoryMegabytes != 0L || !it.ships }) {
        json.refuse("tiers", "without the free one at its beginning")
    }
    return Tiers(json.text("name", NAME), json.text("version", VERSION), tiers)
}

private fun tier(json: StrictJson): Tier {
    val tier = Tier(
        json.text("name", WHY).also { if (it !in ORDER) json.refuse("name", "none of $ORDER") },
        ANSWERS[json.text("answers", WHY)] ?: json.refuse("answers", "none of ${ANSWERS.keys}"),
        json.count("memory_megabytes", most = MOST_MEGABYTES),
        json.orNull("pack") { pack(json.inner("pack", setOf("name", "folder", "bytes", "files"))) },
        json.orNull("server") { server(json.inner("server", setOf("url", "model"))) },
        json.flag("ships"),
        json.text("why", WHY),
    )
    val examined = json.orNull("exam") { examine(json.inner("exam", setOf("accuracy", "interval", "questions"))) } != null
    json.orNull("measured") { measure(json.inner("measured", TIMES)) }
    val held = limits(json.inner("limits", null))
    if ((tier.answers == Answers.GENERATOR) != (tier.pack != null)) json.refuse("pack", "a generator's, and nothing else's")
    if ((tier.answers == Answers.SERVER) != (tier.server != null)) json.refuse("server", "that tier's, and no other's")
    if (tier.ships && tier.answers != Answers.QUOTES && !(examined && held)) json.refuse("ships", "true without an exam, or beyond a limit")
    return tier
}

private fun pack(json: StrictJson): TierPack {
    val given = json.inner("files", null)
    val files = given.names.associateWith { name ->
        if (!PLAIN.matches(name)) given.refuse(name, "a name that could leave the folder")
        val file = given.inner(name, setOf("bytes", "sha256"))
        TierFile(file.count("bytes"), file.text("sha256", SHA256))
    }
    val bytes = json.count("bytes")
    if (files.isEmpty() || bytes != files.values.sumOf { it.bytes }) json.refuse("bytes", "not the sum of its files")
    return TierPack(json.text("name", PACK), json.text("folder", PLAIN), bytes, files)
}

private fun server(json: StrictJson) = TierServer(json.text("url", URL), json.text("model", MODEL))

/** The phone needs none of these numbers, and lets none pass that is none. */
private fun examine(json: StrictJson) {
    json.number("accuracy", 0.0, 1.0)
    if (json.numbers("interval", 0.0, 1.0).size != 2) json.refuse("interval", "not two numbers")
    json.count("questions", least = 1)
}

private fun measure(json: StrictJson) {
    json.text("host", WHY)
    json.flag("phone")
    for (key in listOf("seconds", "memory_megabytes")) json.number(key, 0.0, FAR)
    for (key in listOf("first_token_seconds", "tokens_per_second")) json.orNull(key) { json.number(key, 0.0, FAR) }
}

/** Returns whether no limit fails. */
private fun limits(json: StrictJson): Boolean = json.names.map { name ->
    if (name !in LIMITS) json.refuse(name, "no limit")
    val row = json.inner(name, setOf("limit", "value", "holds", "why"))
    row.number("limit", 0.0, FAR)
    row.orNull("value") { row.number("value", -FAR, FAR) }
    row.text("why", WHY)
    row.orNull("holds") { row.flag("holds") } != false
}.all { it }
