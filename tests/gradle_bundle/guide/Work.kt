// What the guide's downloader uses, with the signatures of androidx.work:work-runtime-ktx:
// developer.android.com: the reference of CoroutineWorker and ListenableWorker.Result
package androidx.work

import android.content.Context

public class WorkerParameters

public abstract class ListenableWorker {
    public abstract class Result {
        public companion object {
            public fun success(): Result = error("a stub")

            public fun retry(): Result = error("a stub")

            public fun failure(): Result = error("a stub")
        }
    }
}

public abstract class CoroutineWorker(context: Context, parameters: WorkerParameters) : ListenableWorker() {
    init {
        error("a stub: $context $parameters")
    }

    public abstract suspend fun doWork(): Result
}
