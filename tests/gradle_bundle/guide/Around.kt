// What the guide's snippets find around them in an app.
import android.content.Context
import dev.pocketrag.runtime.Answer
import dev.pocketrag.runtime.Hit
import dev.pocketrag.runtime.Rag
import java.io.File

lateinit var context: Context
lateinit var folder: File
lateinit var rag: Rag
lateinit var answer: Answer
lateinit var hit: Hit
lateinit var launcher: androidx.activity.result.ActivityResultLauncher<androidx.activity.result.IntentSenderRequest>

fun show(text: String): Unit = println(text)
lateinit var source: dev.pocketrag.runtime.FolderSource

abstract class MyApplication : android.app.Application() {
    abstract val rag: dev.pocketrag.runtime.RagHolder
}
lateinit var file: File
lateinit var key: dev.pocketrag.runtime.UpdateKey
