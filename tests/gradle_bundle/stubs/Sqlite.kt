// Signatures of androidx.sqlite:sqlite 2.7: sqlite/sqlite/api/2.7.0-rc01.txt of AndroidX (frameworks/support at ef8dd96c2e78), the API that 2.7
// was frozen with. What the runtime does not call is left out, `clearBindings` and `reset` among it.
@file:JvmName("SQLite")

package androidx.sqlite

public const val SQLITE_DATA_NULL: Int = 5

public interface SQLiteConnection : AutoCloseable {
    public fun prepare(sql: String): SQLiteStatement

    override fun close()
}

public interface SQLiteDriver {
    public fun open(fileName: String): SQLiteConnection
}

public interface SQLiteStatement : AutoCloseable {
    public fun bindBlob(index: Int, value: ByteArray)

    public fun bindLong(index: Int, value: Long)

    public fun bindText(index: Int, value: String)

    public fun bindNull(index: Int)

    public fun getBlob(index: Int): ByteArray

    public fun getDouble(index: Int): Double

    public fun getLong(index: Int): Long

    public fun getText(index: Int): String

    public fun getColumnType(index: Int): Int

    public fun step(): Boolean

    override fun close()
}
