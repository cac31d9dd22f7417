package dev.pocketrag.check

import dev.pocketrag.harness.Given
import dev.pocketrag.runtime.Digests
import dev.pocketrag.runtime.FolderSource
import dev.pocketrag.runtime.RagOptions
import dev.pocketrag.runtime.engine.Opening
import java.io.File
import kotlinx.coroutines.runBlocking
import org.json.JSONArray
import org.json.JSONObject

/** Arguments: a bundle, private storage, `Digests`. Opens once, in a process that did nothing before; prints the nanoseconds. */
public fun main(args: Array<String>) {
    val options = RagOptions(digests = Digests.valueOf(args[2]))
    val start = System.nanoTime()
    val given = Given(JSONObject().put("vectors", JSONArray()).put("root", args[1]))
    val rag = runBlocking { Opening(given, options).open(listOf(FolderSource(File(args[0])))) }
    println(System.nanoTime() - start)
    rag.close()
}
