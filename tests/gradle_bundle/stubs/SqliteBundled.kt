// Signatures of androidx.sqlite:sqlite-bundled 2.7: sqlite/sqlite-bundled/api/2.7.0-rc01.txt of AndroidX (frameworks/support at
// ef8dd96c2e78), where the constants stand as fields of the file class `BundledSQLite`.
@file:JvmName("BundledSQLite")

package androidx.sqlite.driver.bundled

import androidx.sqlite.SQLiteConnection
import androidx.sqlite.SQLiteDriver

public const val SQLITE_OPEN_READONLY: Int = 1
public const val SQLITE_OPEN_URI: Int = 64
public const val SQLITE_OPEN_FULLMUTEX: Int = 65536

public class BundledSQLiteDriver : SQLiteDriver {
    public fun addExtension(fileName: String, entryPoint: String): Unit = error("a stub: $fileName, $entryPoint")

    override fun open(fileName: String): SQLiteConnection = error("a stub: $fileName")

    public fun open(fileName: String, flags: Int): SQLiteConnection = error("a stub: $fileName, $flags")
}
