// Signatures: developer.android.com/reference/android/content/res/AssetManager#open(java.lang.String,%20int) (API 1).
package android.content.res

import java.io.InputStream

public class AssetManager private constructor() {
    public fun open(fileName: String, accessMode: Int): InputStream = error("a stub: $fileName, $accessMode")

    public companion object {
        public const val ACCESS_STREAMING: Int = 2
    }
}
