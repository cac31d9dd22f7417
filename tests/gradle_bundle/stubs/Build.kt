// What the runtime reads of android.os.Build, with the SDK's signature (API 26): developer.android.com/reference/android/os/Build.
package android.os

public class Build {
    public companion object {
        @JvmField
        public val FINGERPRINT: String = "a stub"
    }
}
