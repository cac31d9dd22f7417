// What the adapters use of com.google.common.util.concurrent: guava.dev/releases/33.0.0-android/api/docs, ListenableFuture and
// ListenableFutureTask there.
package com.google.common.util.concurrent

import java.util.concurrent.Callable
import java.util.concurrent.Executor
import java.util.concurrent.Future
import java.util.concurrent.FutureTask

public interface ListenableFuture<V> : Future<V> {
    public fun addListener(listener: Runnable, executor: Executor)
}

public class ListenableFutureTask<V> private constructor(callable: Callable<V>) : FutureTask<V>(callable), ListenableFuture<V> {
    override fun addListener(listener: Runnable, executor: Executor): Unit = error("a stub: $listener, $executor")

    public companion object {
        @JvmStatic
        public fun <V> create(callable: Callable<V>): ListenableFutureTask<V> = ListenableFutureTask(callable)
    }
}
