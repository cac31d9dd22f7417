// What rag-answer and the sample use of android.app.ActivityManager, with the SDK's signatures (API 26):
// developer.android.com/reference/android/app/ActivityManager and .../ActivityManager.MemoryInfo.
package android.app

public open class ActivityManager {
    public open fun getMemoryInfo(outInfo: MemoryInfo): Unit = error("a stub: $outInfo")

    public open class MemoryInfo {
        @JvmField
        public var availMem: Long = 0

        @JvmField
        public var lowMemory: Boolean = false

        @JvmField
        public var threshold: Long = 0

        @JvmField
        public var totalMem: Long = 0
    }
}
