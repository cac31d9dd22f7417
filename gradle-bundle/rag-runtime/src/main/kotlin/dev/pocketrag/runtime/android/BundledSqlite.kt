package dev.pocketrag.runtime.android

import androidx.sqlite.SQLITE_DATA_NULL
import androidx.sqlite.SQLiteConnection
import androidx.sqlite.SQLiteStatement
import androidx.sqlite.driver.bundled.BundledSQLiteDriver
import androidx.sqlite.driver.bundled.SQLITE_OPEN_FULLMUTEX
import androidx.sqlite.driver.bundled.SQLITE_OPEN_READONLY
import androidx.sqlite.driver.bundled.SQLITE_OPEN_URI
import dev.pocketrag.runtime.search.Sql
import dev.pocketrag.runtime.search.immutableUri
import java.io.File

/**
 * `corpus.db` on AndroidX's bundled SQLite: a phone's own may lack FTS5, and loads no extension.
 *
 * @param sqliteVec sqlite-vec's library, where the app ships it: "libvec0.so".
 */
internal class BundledSqlite(file: File, sqliteVec: String? = null) : Sql {
    private val connection: SQLiteConnection = driver(sqliteVec)
        .open(immutableUri(file), SQLITE_OPEN_READONLY or SQLITE_OPEN_URI or SQLITE_OPEN_FULLMUTEX)

    override fun query(statement: String, bindings: List<Any?>, onRow: (Sql.Row) -> Unit): Unit =
        connection.prepare(statement).use { prepared ->
            bindings.forEachIndexed { i, value -> bind(prepared, i + 1, value) }
            val row = StatementRow(prepared)
            while (prepared.step()) onRow(row)
        }

    override fun close(): Unit = connection.close()

    private fun driver(sqliteVec: String?): BundledSQLiteDriver {
        val driver = BundledSQLiteDriver()
        // With its entry point: from the file's name SQLite would guess another.
        if (sqliteVec != null) driver.addExtension(sqliteVec, "sqlite3_vec_init")
        return driver
    }

    private fun bind(statement: SQLiteStatement, index: Int, value: Any?): Unit =
        when (value) {
            null -> statement.bindNull(index)
            is String -> statement.bindText(index, value)
            is Int -> statement.bindLong(index, value.toLong())
            is Long -> statement.bindLong(index, value)
            is Boolean -> statement.bindLong(index, if (value) 1 else 0)
            is ByteArray -> statement.bindBlob(index, value)
            else -> throw IllegalArgumentException("can't bind $value")
        }

    private class StatementRow(private val statement: SQLiteStatement) : Sql.Row {
        override fun isNull(column: Int): Boolean = statement.getColumnType(column) == SQLITE_DATA_NULL

        override fun text(column: Int): String = statement.getText(column)

        override fun long(column: Int): Long = statement.getLong(column)

        override fun double(column: Int): Double = statement.getDouble(column)

        override fun blob(column: Int): ByteArray = statement.getBlob(column)
    }
}
