package dev.pocketrag.harness

import kotlinx.coroutines.runBlocking
import org.json.JSONArray
import org.json.JSONObject

/** Answers `requests` one by one; says what was opened by each (the first row is opening the bundle), and what is open at the end. */
internal fun chain(task: JSONObject): Any {
    val given = Given(task)
    val rows = ArrayList<JSONObject>()
    val rag = opened(task, given)
    rows += row(given, JSONObject())
    for (request in task.getJSONArray("requests").objects()) rows += row(given, answered(answer(rag, request)))
    runBlocking { rag.closeAndJoin() }
    return JSONObject().put("rows", JSONArray(rows)).put("open", JSONArray(given.open))
}

private fun row(given: Given, answer: JSONObject): JSONObject =
    answer.put("opened", JSONArray(given.opened.toList())).also { given.opened.clear() }
