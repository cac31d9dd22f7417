// Of com.google.android.play:ai-delivery 0.1.1-alpha01, listener:
// developer.android.com/reference/com/google/android/play/core/listener/StateUpdatedListener.
package com.google.android.play.core.listener

public interface StateUpdatedListener<StateT> {
    public fun onStateUpdate(state: StateT)
}
