// The same, listener: developer.android.com/reference/com/google/android/play/core/listener/StateUpdatedListener.
package com.google.android.play.core.listener

public interface StateUpdatedListener<StateT> {
    public fun onStateUpdate(state: StateT)
}
