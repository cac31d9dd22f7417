// developer.android.com/reference/android/app/Application
package android.app

import android.content.Context

public abstract class Application : Context()
