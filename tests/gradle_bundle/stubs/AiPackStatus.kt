// Of com.google.android.play:ai-delivery 0.1.1-alpha01, model: developer.android.com/reference/com/google/android/play/core/aipacks/model/AiPackStatus, with the values there.
package com.google.android.play.core.aipacks.model

public annotation class AiPackStatus {
    public companion object {
        public const val UNKNOWN: Int = 0
        public const val PENDING: Int = 1
        public const val DOWNLOADING: Int = 2
        public const val TRANSFERRING: Int = 3
        public const val COMPLETED: Int = 4
        public const val FAILED: Int = 5
        public const val CANCELED: Int = 6
        public const val WAITING_FOR_WIFI: Int = 7
        public const val NOT_INSTALLED: Int = 8
        public const val REQUIRES_USER_CONFIRMATION: Int = 9
    }
}
