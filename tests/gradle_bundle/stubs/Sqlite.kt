// Signatures of androidx.sqlite:sqlite 2.6: developer.android.com/reference/kotlin/androidx/sqlite/SQLiteConnection and
// developer.android.com/reference/kotlin/androidx/sqlite/SQLiteStatement.
package androidx.sqlite

public const val SQLITE_DATA_NULL: Int = 5

public interface SQLiteConnection : AutoCloseable {
    public fun prepare(sql: String): SQLiteStatement

    override fun close()
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
