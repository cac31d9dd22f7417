// What the runtime reads of android.content.pm.ApplicationInfo, whose fields are Java's (API 26):
// developer.android.com/reference/android/content/pm/ApplicationInfo.
package android.content.pm

public class ApplicationInfo {
    @JvmField
    public var sourceDir: String = "a stub"

    @JvmField
    public var nativeLibraryDir: String = "a stub"
}
