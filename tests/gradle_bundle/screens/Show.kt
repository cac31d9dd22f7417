package dev.pocketrag.sample

import dev.pocketrag.runtime.Answer
import dev.pocketrag.runtime.BadRequestException
import dev.pocketrag.runtime.Check
import dev.pocketrag.runtime.CorruptFileException
import dev.pocketrag.runtime.DiskFullException
import dev.pocketrag.runtime.Hit
import dev.pocketrag.runtime.InstallState
import dev.pocketrag.runtime.MismatchException
import dev.pocketrag.runtime.MissingBundleException
import dev.pocketrag.runtime.Mode
import dev.pocketrag.runtime.Passage
import dev.pocketrag.runtime.QuestionTooLongException
import dev.pocketrag.runtime.RagClosedException
import dev.pocketrag.runtime.RagException
import dev.pocketrag.runtime.Role
import dev.pocketrag.runtime.SelfTestResult
import dev.pocketrag.runtime.WrongContractException
import java.io.IOException
import java.util.Locale
import org.json.JSONArray
import org.json.JSONObject

/** What Android does with strings.xml, of which [given] has the texts by their ids. */
private class Given(private val given: JSONObject) : Texts {
    override fun text(id: Int, vararg values: Any): String = given.getString(id.toString()).format(Locale.ENGLISH, *values)

    override fun count(id: Int, n: Int): String =
        given.getJSONObject(id.toString()).getString(if (n == 1) "one" else "other").format(Locale.ENGLISH, n)
}

/** Reads {texts, and of answer, role, millis, bundle, copied, checks what there is}; writes what the sample's own code makes of it. */
fun main() {
    val given = JSONObject(System.`in`.readBytes().toString(Charsets.UTF_8))
    val texts = Given(given.getJSONObject("texts"))
    val told = Told(texts)
    val shown = JSONObject().put("advice", advised(texts))
    given.optJSONArray("bundle")?.let { shown.put("bundle", told.bundle(it.getString(0), it.getString(1), it.getInt(2))) }
    given.optJSONArray("copied")?.let { shown.put("progress", told.progress(InstallState.Copying(it.getLong(0), it.getLong(1)))) }
    given.optJSONArray("checks")?.let { shown.put("test_result", told.test(SelfTestResult("", checks(it)))) }
    given.optJSONObject("answer")?.let { answered(it, given, told, shown) }
    System.out.write(shown.toString().toByteArray())
    System.out.flush()
}

private fun answered(row: JSONObject, given: JSONObject, told: Told, shown: JSONObject) {
    val answer = answer(row)
    val notice = told.notice(answer)
    shown.put("corner", told.corner(answer, given.getLong("millis")).first)
    shown.put("encoder", told.encoder(answer, row.optString("role", null)?.let { Role.valueOf(it) }))
    shown.put("notice_title", notice?.title).put("notice_text", notice?.text)
    shown.put("passages", JSONArray(answer.hits.map { hit ->
        JSONObject().put("rank", hit.rank.toString()).put("title", hit.passage.title).put("text", hit.passage.text)
            .put("origin", told.origin(hit.passage)).put("why", told.why(hit))
    }))
}

private fun answer(row: JSONObject) = Answer(
    row.getString("question"),
    Mode.valueOf(row.getString("mode").uppercase()),
    row.getJSONArray("hits").let { all -> (0 until all.length()).map { hit(all.getJSONObject(it)) } },
    row.optString("fell_back", null),
    row.number("best"),
    row.number("threshold"),
    row.optString("nothing", null),
    row.optString("encoder", null),
)

private fun hit(row: JSONObject): Hit {
    val passage = row.getJSONObject("passage")
    return Hit(
        row.getInt("rank"), row.getDouble("score"), row.whole("dense_rank"), row.whole("bm25_rank"), row.number("cosine"),
        row.getString("corpus"),
        Passage(
            passage.getLong("n"), passage.getString("id"), passage.getString("title"), passage.getString("text"),
            passage.optString("source", null), passage.whole("page")?.toLong(), null, "{}",
        ),
    )
}

private fun checks(rows: JSONArray): List<Check> = (0 until rows.length()).map { rows.getJSONArray(it) }.map {
    Check(it.getString(0), it.getString(1), it.optDouble(2).takeUnless(Double::isNaN), it.getDouble(3), 1, "")
}

private fun JSONObject.number(key: String): Double? = if (has(key)) getDouble(key) else null

private fun JSONObject.whole(key: String): Int? = if (has(key)) getInt(key) else null

/** Of one exception of each kind, what the user is told. */
private fun advised(texts: Texts): JSONObject {
    val errors: List<RagException> = listOf(
        BadRequestException("empty"), QuestionTooLongException(300, 256), DiskFullException(40_000_000, 12_500_000),
        MissingBundleException("here", IOException()), RagClosedException(), WrongContractException(9), CorruptFileException("corpus.db"),
        MismatchException("two models"),
    )
    return JSONObject(errors.associate { error ->
        val notice = advice(error, texts)
        error::class.java.simpleName to JSONObject().put("text", notice.text).put("retry", notice.retry)
    })
}
