package dev.pocketrag.harness

import androidx.activity.result.ActivityResultLauncher
import androidx.activity.result.IntentSenderRequest
import com.google.android.gms.tasks.OnCanceledListener
import com.google.android.gms.tasks.OnFailureListener
import com.google.android.gms.tasks.OnSuccessListener
import com.google.android.gms.tasks.Task
import com.google.android.play.core.aipacks.AiPackLocation
import com.google.android.play.core.aipacks.AiPackManager
import com.google.android.play.core.aipacks.AiPackState
import com.google.android.play.core.aipacks.AiPackStateUpdateListener
import com.google.android.play.core.aipacks.AiPackStates
import dev.pocketrag.delivery.PackDownload
import dev.pocketrag.delivery.PackState
import kotlin.concurrent.thread
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.runBlocking
import org.json.JSONArray
import org.json.JSONObject

/** A task that is done: with a result, or a failure. */
private class Done<T>(private val result: T?, private val failure: Exception? = null) : Task<T>() {
    override fun addOnSuccessListener(listener: OnSuccessListener<in T>): Task<T> = apply {
        @Suppress("UNCHECKED_CAST")
        if (failure == null) listener.onSuccess(result as T)
    }

    override fun addOnFailureListener(listener: OnFailureListener): Task<T> = apply { failure?.let(listener::onFailure) }

    override fun addOnCanceledListener(listener: OnCanceledListener): Task<T> = this
}

private class State(private val row: JSONArray) : AiPackState() {
    override fun name(): String = row.getString(0)

    override fun status(): Int = row.getInt(1)

    override fun errorCode(): Int = row.optInt(2)

    override fun bytesDownloaded(): Long = row.optLong(3)

    override fun totalBytesToDownload(): Long = row.optLong(4)

    override fun transferProgressPercentage(): Int = row.optInt(5)
}

/** Play, of which `states` come in turn; a state that is "here" lays the pack at `place`. */
private class Play(private val task: JSONObject) : AiPackManager {
    val calls = ArrayList<String>()
    private val listeners = ArrayList<AiPackStateUpdateListener>()
    private var here = task.optBoolean("here")

    override fun cancel(packNames: List<String>): AiPackStates = states().also { calls += "cancel $packNames" }

    override fun fetch(packNames: List<String>): Task<AiPackStates> {
        calls += "fetch $packNames"
        if (task.has("thrown")) throw SecurityException(task.getString("thrown"))
        if (task.has("refused")) return Done(null, IllegalStateException(task.getString("refused")))
        thread(name = TELLER) {
            for (row in task.getJSONArray("states").rows()) {
                if (row.getInt(1) == COMPLETED) here = true
                listeners.toList().forEach { it.onStateUpdate(State(row)) }
                Thread.sleep(PAUSE)
            }
        }
        return Done(states())
    }

    override fun getPackLocation(packName: String): AiPackLocation? = if (!isHere()) null else object : AiPackLocation() {
        override fun assetsPath(): String? = if (task.isNull("place")) null else task.getString("place")
    }

    /** Reads the disk, as the real one does: not on the thread on which Play tells. */
    private fun isHere(): Boolean = here.also { if (Thread.currentThread().name == TELLER) calls += "disk" }

    override fun getPackStates(packNames: List<String>): Task<AiPackStates> = Done(states())

    override fun registerListener(listener: AiPackStateUpdateListener) {
        listeners += listener
        calls += "register"
    }

    override fun unregisterListener(listener: AiPackStateUpdateListener) {
        listeners -= listener
        calls += "unregister"
    }

    override fun removePack(packName: String): Task<Void?> = Done<Void?>(null).also { calls += "remove $packName" }

    override fun showConfirmationDialog(activityResultLauncher: ActivityResultLauncher<IntentSenderRequest>): Boolean = true

    private fun states() = object : AiPackStates() {
        override fun packStates(): Map<String, AiPackState> = emptyMap()

        override fun totalBytes(): Long = task.optLong("size")
    }

    private companion object {
        private const val COMPLETED = 4
        private const val PAUSE = 30L
        private const val TELLER = "Play"
    }
}

/** The states that a collector sees of a download, at most `take` of them, and what was called. */
internal fun delivery(task: JSONObject): Any {
    val play = Play(task)
    val download = PackDownload(play, "rag_tiny", "tiny")
    val states = if (task.has("take")) runBlocking { download.states().take(task.getInt("take")).toList() } else blocking(download)
    val size = download.sizeBlocking()
    download.removeBlocking()
    download.cancel()
    return JSONObject().put("states", JSONArray(states.map(::named))).put("calls", JSONArray(play.calls)).put("size", size)
        .put("source", download.sourceBlocking()?.folder?.path)
}

private fun blocking(download: PackDownload): List<PackState> = ArrayList<PackState>().also { download.statesBlocking(it::add) }

private fun named(state: PackState): String = if (state is PackState.Ready) "Ready(${state.source.folder})" else state.toString()
