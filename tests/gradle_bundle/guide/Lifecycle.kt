// What the guide's ViewModel uses, with the signatures of androidx.lifecycle:lifecycle-viewmodel-ktx:
// developer.android.com/reference/androidx/lifecycle/AndroidViewModel, .../lifecycle/package-summary#viewModelScope
package androidx.lifecycle

import android.app.Application
import kotlinx.coroutines.CoroutineScope

public abstract class ViewModel {
    protected open fun onCleared(): Unit = error("a stub")
}

public open class AndroidViewModel(application: Application) : ViewModel() {
    init {
        error("a stub: $application")
    }
}

public val ViewModel.viewModelScope: CoroutineScope get() = error("a stub: $this")
