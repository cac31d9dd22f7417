package dev.pocketrag.harness

import org.json.JSONArray
import org.json.JSONObject

/** Answers `requests` one by one; says what was opened by each (the first row is opening the bundle), and what is open at the end. */
internal fun chain(task: JSONObject): Any {
    val given = Given(task)
    val rows = ArrayList<JSONObject>()
    opened(task, given).use { rag ->
        rows += row(given, JSONObject())
        for (request in task.getJSONArray("requests").objects()) rows += row(given, answered(answer(rag, request)))
    }
    return JSONObject().put("rows", JSONArray(rows)).put("open", JSONArray(given.open))
}

private fun row(given: Given, answer: JSONObject): JSONObject =
    answer.put("opened", JSONArray(given.opened.toList())).also { given.opened.clear() }
