// developer.android.com/reference/android/content/res/AssetManager; what Java may return as null has a question mark.
package android.content.res

import java.io.InputStream

public class AssetManager private constructor() {
    public fun open(fileName: String, accessMode: Int): InputStream = error("a stub: $fileName, $accessMode")

    public fun list(path: String): Array<String>? = error("a stub: $path")

    public companion object {
        public const val ACCESS_STREAMING: Int = 2
    }
}
