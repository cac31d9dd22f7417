// developer.android.com/reference/android/view/inputmethod/EditorInfo#IME_ACTION_SEARCH
package android.view.inputmethod

public object EditorInfo {
    public const val IME_ACTION_SEARCH: Int = 3
}
