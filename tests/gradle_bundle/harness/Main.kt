package dev.pocketrag.harness

import org.json.JSONArray
import org.json.JSONObject

private val CHECKS: Map<String, (JSONObject) -> Any> = mapOf(
    "search" to ::search,
    "match" to ::match,
    "failures" to ::failures,
    "selftest" to ::selfTest,
    "threads" to ::threads,
    "chain" to ::chain,
    "edge" to ::edge,
    "order" to ::order,
    "fusion" to ::fusion,
    "vectors" to ::vectors,
    "quantize" to ::quantize,
    "install" to ::install,
    "faults" to ::faults,
    "reopened" to ::reopened,
    "reported" to ::reported,
    "unblocked" to ::unblocked,
    "many" to ::many,
    "impatient" to ::impatient,
    "cycles" to ::cycles,
    "cancelled" to ::cancelled,
    "held" to ::held,
    "crowded" to ::crowded,
    "in_place" to ::inPlace,
    "installation" to ::installation,
    "two_openings" to ::twoOpenings,
    "delivery" to ::delivery,
    "cache" to ::cache,
    "prompts" to ::prompts,
    "judged" to ::judged,
    "quoted" to ::quoted,
    "answers" to ::answers,
    "tiers" to ::tiers,
    "chosen" to ::chosen,
    "update_steps" to ::updateSteps,
    "update_faults" to ::updateFaults,
    "patched" to ::patched,
    "versions" to ::versions,
)

/** Reads tasks from standard input, a JSON array of [name, task], and writes the array of what they give. */
public fun main() {
    val tasks = JSONArray(System.`in`.readBytes().toString(Charsets.UTF_8)).rows()
    val results = tasks.map { CHECKS.getValue(it.getString(0))(it.getJSONObject(1)) }
    System.out.write(JSONArray(results).toString().toByteArray())
    System.out.flush()
}

/** An exception as Python compares it. */
internal fun described(error: Throwable): JSONObject =
    JSONObject().put("type", error::class.java.simpleName).put("message", error.message.orEmpty())
