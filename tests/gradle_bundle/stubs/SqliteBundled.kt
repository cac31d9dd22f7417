// Signatures of androidx.sqlite:sqlite-bundled 2.6: sqlite/sqlite-bundled/api/2.6.0-beta01.txt of AndroidX (frameworks/support), where
// the constants stand as fields of the file class `BundledSQLite`.
@file:JvmName("BundledSQLite")

package androidx.sqlite.driver.bundled

import androidx.sqlite.SQLiteConnection

public const val SQLITE_OPEN_READONLY: Int = 1
public const val SQLITE_OPEN_URI: Int = 64
public const val SQLITE_OPEN_FULLMUTEX: Int = 65536

public class BundledSQLiteDriver {
    public fun addExtension(fileName: String, entryPoint: String): Unit = error("a stub: $fileName, $entryPoint")

    public fun open(fileName: String, flags: Int): SQLiteConnection = error("a stub: $fileName, $flags")
}
