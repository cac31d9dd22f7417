package dev.pocketrag.harness

import dev.pocketrag.answer.AnswerPart
import dev.pocketrag.answer.Answerer
import dev.pocketrag.answer.GeneratorPrompt
import dev.pocketrag.answer.TierFile
import dev.pocketrag.answer.engine.GeneratorException
import dev.pocketrag.answer.engine.GeneratorPlatform
import dev.pocketrag.answer.engine.Spec
import dev.pocketrag.answer.engine.Writer
import dev.pocketrag.answer.text.Messages
import dev.pocketrag.answer.text.PromptText
import dev.pocketrag.answer.text.checked
import dev.pocketrag.answer.text.quotes
import dev.pocketrag.answer.text.refuses
import java.io.File
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.takeWhile
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.runBlocking
import org.json.JSONArray
import org.json.JSONObject

private fun passages(rows: JSONArray): List<Pair<String, String>> = rows.rows().map { it.getString(0) to it.getString(1) }

/** Each case is a prompt's four templates, a question and passages; the two turns, or why there are none. */
internal fun prompts(task: JSONObject): Any = JSONArray(task.getJSONArray("cases").rows().map { case ->
    val (system, passage, user, refusal) = case.getJSONArray(0).texts()
    try {
        val (first, second) = PromptText(GeneratorPrompt(system, passage, user, refusal))
            .messages(case.getString(1), passages(case.getJSONArray(2)))
        JSONArray(listOf(first, second))
    } catch (error: IllegalArgumentException) {
        error.message.orEmpty()
    }
})

/** Each case is an answer, the phrase of a refusal, and passages. */
internal fun judged(task: JSONObject): Any = JSONArray(task.getJSONArray("cases").rows().map { case ->
    val found = checked(case.getString(0), passages(case.getJSONArray(2)))
    row(JSONArray(found.citations), JSONArray(found.quotes), found.wrong, refuses(case.getString(0), case.getString(1)))
})

/** Each case is a question and passages. */
internal fun quoted(task: JSONObject): Any = JSONArray(task.getJSONArray("cases").rows().map { case ->
    JSONArray(quotes(case.getString(0), passages(case.getJSONArray(1))).map { row(it.number, it.text) })
})

/** What stands in for LiteRT-LM: writes `parts`, then fails with `failing`, or waits where it is `endless`. */
private class Scripted(private val task: JSONObject) : GeneratorPlatform {
    val calls = ArrayList<String>()
    val prompts = ArrayList<Messages>()

    override fun lacking(bytes: Long): String? = task.optString("lacking", null)

    override fun open(spec: Spec): Writer {
        calls += "open on main: ${Thread.currentThread().name == "main"}"
        task.optString("unopened", null)?.let { throw IllegalStateException(it) }
        return object : Writer {
            override fun write(messages: Messages): Flow<String> = flow {
                prompts += messages
                try {
                    task.getJSONArray("parts").texts().forEach { emit(it) }
                    task.optString("failing", null)?.let { throw GeneratorException(it) }
                    if (task.optBoolean("endless")) awaitCancellation()
                } finally {
                    calls += "ended"
                }
            }

            override fun close() {
                calls += "close"
            }
        }
    }
}

/**
 * The parts of the answers to a question, asked `times` times, with a generator in `generator`; cancelled after `cancel` parts of text.
 * Where there are `files`, digests by name, it has to be that generator.
 */
internal fun answers(task: JSONObject): Any = opened(task).use { rag ->
    val platform = Scripted(task)
    val files = task.optJSONObject("files")?.let { all ->
        all.keys().asSequence().map { it.toString() }.associateWith { TierFile(0, all.getString(it)) }
    }
    val answerer = Answerer(task.optString("generator", null)?.let(::File), platform, files)
    val threshold = if (task.has("threshold")) task.getDouble("threshold") else null
    val told = List(task.optInt("times", 1)) {
        runBlocking { parts(answerer.answer(rag, task.getString("question"), threshold), task.optInt("cancel", Int.MAX_VALUE)) }
    }
    JSONObject().put("answers", JSONArray(told)).put("calls", JSONArray(platform.calls))
        .put("prompts", JSONArray(platform.prompts.map { JSONArray(listOf(it.system, it.user)) }))
}

private suspend fun parts(answer: Flow<AnswerPart>, most: Int): JSONArray {
    var texts = 0
    val found = answer.takeWhile { part -> part !is AnswerPart.Text || ++texts <= most }
    return JSONArray(found.toList().map(::described))
}

private fun described(part: AnswerPart): JSONArray = when (part) {
    is AnswerPart.Searching -> row("searching")
    is AnswerPart.Sources -> JSONArray(listOf("sources") + part.sources.map { row(it.number, it.title, it.text, JSONArray(it.ids)) })
    is AnswerPart.Text -> row("text", part.text)
    is AnswerPart.Done ->
        row("done", part.text, JSONArray(part.citations), JSONArray(part.quotes.map { row(it.number, it.text) }), part.why)
    is AnswerPart.Refused -> row("refused", part.text, part.why)
}

private fun row(vararg values: Any?): JSONArray = JSONArray(values.map { it ?: JSONObject.NULL })
