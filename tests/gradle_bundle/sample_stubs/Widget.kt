// developer.android.com/reference/android/widget/TextView, .../EditText, .../LinearLayout, .../ScrollView
package android.widget

import android.content.Context
import android.view.KeyEvent
import android.view.View
import android.view.ViewGroup

public open class TextView(public val context: Context) : View() {
    public open var text: CharSequence
        get() = error("a stub")
        set(value) = error("a stub: $value")
    public var hint: CharSequence
        get() = error("a stub")
        set(value) = error("a stub: $value")
    public var imeOptions: Int
        get() = error("a stub")
        set(value) = error("a stub: $value")

    public fun setSingleLine(): Unit = error("a stub")

    public fun setTextIsSelectable(selectable: Boolean): Unit = error("a stub: $selectable")

    public fun setOnEditorActionListener(listener: OnEditorActionListener): Unit = error("a stub: $listener")

    public fun interface OnEditorActionListener {
        public fun onEditorAction(view: TextView, actionId: Int, event: KeyEvent?): Boolean
    }
}

public class EditText(context: Context) : TextView(context)

public class LinearLayout(public val context: Context) : ViewGroup() {
    public var orientation: Int
        get() = error("a stub")
        set(value) = error("a stub: $value")

    public companion object {
        public const val VERTICAL: Int = 1
    }
}

public class ScrollView(public val context: Context) : ViewGroup()
