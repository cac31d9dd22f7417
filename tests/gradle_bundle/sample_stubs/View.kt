// developer.android.com/reference/android/view/View, .../ViewGroup, .../KeyEvent
package android.view

public open class View {
    public var fitsSystemWindows: Boolean
        get() = error("a stub")
        set(value) = error("a stub: $value")
}

public open class ViewGroup : View() {
    public fun addView(child: View): Unit = error("a stub: $child")
}

public class KeyEvent
