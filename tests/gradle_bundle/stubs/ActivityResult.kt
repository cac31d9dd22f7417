// androidx.activity 1.8: developer.android.com/reference/androidx/activity/result/ActivityResultLauncher and .../IntentSenderRequest.
package androidx.activity.result

public abstract class ActivityResultLauncher<I> {
    public abstract fun launch(input: I)
}

public class IntentSenderRequest private constructor()
