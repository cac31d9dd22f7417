package dev.pocketrag.harness

import dev.pocketrag.runtime.search.Sql
import dev.pocketrag.runtime.search.immutableUri
import java.io.File
import java.sql.DriverManager
import java.sql.PreparedStatement
import java.sql.ResultSet
import java.util.Properties

/** A database over JDBC, opened as `BundledSqlite` opens it on Android. */
internal class JdbcSql(file: File, sqliteVec: String? = null) : Sql {
    private val settings = Properties().apply { if (sqliteVec != null) setProperty("enable_load_extension", "true") }
    private val connection = DriverManager.getConnection("jdbc:sqlite:${immutableUri(file)}", settings)

    init {
        if (sqliteVec != null) query("SELECT load_extension(?1, 'sqlite3_vec_init')", listOf(sqliteVec)) {}
    }

    override fun query(statement: String, bindings: List<Any?>, onRow: (Sql.Row) -> Unit): Unit =
        connection.prepareStatement(statement).use { prepared ->
            bindings.forEachIndexed { i, value -> bind(prepared, i + 1, value) }
            if (prepared.execute()) {
                prepared.resultSet.use { rows ->
                    val row = ResultRow(rows)
                    while (rows.next()) onRow(row)
                }
            }
        }

    override fun close(): Unit = connection.close()

    private fun bind(statement: PreparedStatement, index: Int, value: Any?): Unit =
        when (value) {
            null -> statement.setObject(index, null)
            is String -> statement.setString(index, value)
            is Int -> statement.setInt(index, value)
            is Long -> statement.setLong(index, value)
            is ByteArray -> statement.setBytes(index, value)
            else -> error("can't bind $value")
        }

    private class ResultRow(private val rows: ResultSet) : Sql.Row {
        override fun isNull(column: Int): Boolean = rows.getObject(column + 1) == null

        override fun text(column: Int): String = rows.getString(column + 1)

        override fun long(column: Int): Long = rows.getLong(column + 1)

        override fun double(column: Int): Double = rows.getDouble(column + 1)

        override fun blob(column: Int): ByteArray = rows.getBytes(column + 1)
    }
}
