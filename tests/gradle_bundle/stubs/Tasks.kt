// Signatures of com.google.android.gms:play-services-tasks 18, which AI delivery returns:
// https://developers.google.com/android/reference/com/google/android/gms/tasks/Task and the listeners beside it; see also
// developer.android.com/reference/com/google/android/play/core/tasks/Task, its predecessor.
package com.google.android.gms.tasks

public abstract class Task<TResult> {
    public abstract fun addOnSuccessListener(listener: OnSuccessListener<in TResult>): Task<TResult>

    public abstract fun addOnFailureListener(listener: OnFailureListener): Task<TResult>

    public open fun addOnCanceledListener(listener: OnCanceledListener): Task<TResult> = error("a stub: $listener")
}

public fun interface OnSuccessListener<TResult> {
    public fun onSuccess(result: TResult)
}

public fun interface OnFailureListener {
    public fun onFailure(e: Exception)
}

public fun interface OnCanceledListener {
    public fun onCanceled()
}
