package dev.pocketrag.runtime.search

import dev.pocketrag.runtime.BadDatabaseException
import dev.pocketrag.runtime.MismatchException
import dev.pocketrag.runtime.NativeLibraryException
import dev.pocketrag.runtime.RagException
import dev.pocketrag.runtime.install.STATEMENTS
import dev.pocketrag.runtime.install.Sha256
import java.io.Closeable
import java.io.File

/** A connection to `corpus.db`, opened read-only; temporary tables must be possible. */
internal interface Sql : Closeable {
    /**
     * Runs one statement to its end.
     *
     * @param statement SQL, with parameters ?1, ?2, …
     * @param bindings their values: String, Long, Int, Boolean, ByteArray or null.
     * @param onRow is called for every row, which is valid until it returns.
     */
    fun query(statement: String, bindings: List<Any?> = emptyList(), onRow: (Row) -> Unit = {})

    /** One row of the answer; columns count from 0. */
    interface Row {
        fun isNull(column: Int): Boolean

        fun text(column: Int): String

        fun long(column: Int): Long

        fun double(column: Int): Double

        fun blob(column: Int): ByteArray
    }
}

/**
 * The SHA-256 of the `search.sql` that this runtime runs. A bundle's file is somebody else's: of another one no statement is run, since SQL
 * can write files, and never end.
 */
private const val KNOWN = "3b7041be867b99e61e8c80ca2f6b374d8c3f6d6ae745000ba8c858587db18031"
private val NAMED = Regex("\n-- name: (\\w+)(?=\r?\n)")

/**
 * The statements of `search.sql`, by name; each begins at a line `-- name: …`.
 *
 * @throws MismatchException it is not the one that this runtime runs.
 */
internal class Statements(file: String) {
    init {
        val found = Sha256.of(file.toByteArray())
        if (found != KNOWN) {
            throw MismatchException("$STATEMENTS is not this runtime's (SHA-256 $found): update rag-runtime")
        }
    }

    private val byName: Map<String, String> = run {
        val names = NAMED.findAll("\n$file").map { it.groupValues[1] }.toList()
        val bodies = NAMED.split("\n$file").drop(1)
        names.zip(bodies.map { it.trim() }).toMap()
    }

    /** @throws BadDatabaseException there is no statement of this name. */
    operator fun get(name: String): String = byName[name] ?: throw BadDatabaseException("$STATEMENTS lacks the statement \"$name\"")
}

/** A connection whose errors, which every driver throws in its own way, are [BadDatabaseException]s. */
internal class GuardedSql(open: () -> Sql) : Sql {
    private val sql: Sql = guard { open() }

    override fun query(statement: String, bindings: List<Any?>, onRow: (Sql.Row) -> Unit): Unit =
        guard { sql.query(statement, bindings, onRow) }

    override fun close(): Unit = sql.close()

    private fun <T> guard(work: () -> T): T =
        try {
            work()
        } catch (error: RagException) {
            throw error
        } catch (error: LinkageError) {
            throw NativeLibraryException("SQLite", error)
        } catch (error: Exception) {
            throw BadDatabaseException("SQLite says ${error.message} (${error::class.java.simpleName})", error)
        }
}

/** Names a database as a URI that SQLite opens read-only and immutable: no lock is taken and no file made beside it. */
internal fun immutableUri(file: File): String {
    val path = file.absolutePath.toByteArray().joinToString("") {
        val letter = it.toInt().toChar()
        if (it >= 0 && (letter.isLetterOrDigit() || letter in "/._-")) letter.toString() else "%%%02X".format(it)
    }
    return "file:$path?mode=ro&immutable=1"
}
