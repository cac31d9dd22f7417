// developer.android.com/reference/android/app/Activity, as much as the sample uses.
package android.app

import android.content.Context
import android.os.Bundle
import android.view.View

public open class Activity : Context() {
    protected open fun onCreate(savedInstanceState: Bundle?): Unit = error("a stub: $savedInstanceState")

    protected open fun onDestroy(): Unit = error("a stub")

    public fun setContentView(view: View): Unit = error("a stub: $view")

    public fun runOnUiThread(action: Runnable): Unit = error("a stub: $action")
}
