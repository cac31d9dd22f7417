// Signatures of com.google.android.play:ai-delivery 0.1.1-alpha01: developer.android.com/reference/com/google/android/play/core/aipacks/
// AiPackManager, .../AiPackManagerFactory, .../AiPackState, .../AiPackStates, .../AiPackLocation and .../AiPackStateUpdateListener.
package com.google.android.play.core.aipacks

import android.content.Context
import androidx.activity.result.ActivityResultLauncher
import androidx.activity.result.IntentSenderRequest
import com.google.android.gms.tasks.Task
import com.google.android.play.core.listener.StateUpdatedListener

public interface AiPackManager {
    public fun cancel(packNames: List<String>): AiPackStates

    public fun fetch(packNames: List<String>): Task<AiPackStates>

    public fun getPackLocation(packName: String): AiPackLocation?

    public fun getPackStates(packNames: List<String>): Task<AiPackStates>

    public fun registerListener(listener: AiPackStateUpdateListener)

    public fun removePack(packName: String): Task<Void?>

    public fun showConfirmationDialog(activityResultLauncher: ActivityResultLauncher<IntentSenderRequest>): Boolean

    public fun unregisterListener(listener: AiPackStateUpdateListener)
}

public class AiPackManagerFactory private constructor() {
    public companion object {
        @JvmStatic
        public fun getInstance(applicationContext: Context): AiPackManager = error("a stub: $applicationContext")
    }
}

public interface AiPackStateUpdateListener : StateUpdatedListener<AiPackState>

public abstract class AiPackLocation {
    public abstract fun assetsPath(): String?
}

public abstract class AiPackStates {
    public abstract fun packStates(): Map<String, AiPackState>

    public abstract fun totalBytes(): Long
}

public abstract class AiPackState {
    public abstract fun bytesDownloaded(): Long

    public abstract fun errorCode(): Int

    public abstract fun name(): String

    public abstract fun status(): Int

    public abstract fun totalBytesToDownload(): Long

    public abstract fun transferProgressPercentage(): Int
}
