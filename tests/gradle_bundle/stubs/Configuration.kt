// developer.android.com/reference/android/content/res/Configuration (API 1).
package android.content.res

public class Configuration
