"""The toolchain itself: it compiles and runs, refuses what it should, and brings the libraries that the runtime's tests need."""

import subprocess

import pytest

from tests.gradle_bundle import fetch, toolchain

pytestmark = pytest.mark.usefixtures("kotlin")

HELLO = """
package check
public fun main(args: Array<String>) {
    println(args.joinToString("+") + ":" + System.`in`.readBytes().toString(Charsets.UTF_8))
}
"""
LIBRARIES = """
package check
import java.sql.DriverManager
import org.json.JSONObject
public fun main() {
    val facts = JSONObject()
    DriverManager.getConnection("jdbc:sqlite::memory:").createStatement().use { sql ->
        sql.execute("CREATE VIRTUAL TABLE t USING fts5(x, tokenize = 'unicode61 remove_diacritics 2')")
        sql.execute("CREATE VIRTUAL TABLE v USING fts5vocab(t, 'row')")
        sql.execute("INSERT INTO t VALUES ('Éléphant rouge')")
        sql.executeQuery("SELECT -bm25(t) > 0 FROM t WHERE t MATCH 'elephant'").use { facts.put("fts5", it.getInt(1)) }
        sql.executeQuery("SELECT value FROM json_each('[7]')").use { facts.put("json", it.getInt(1)) }
        sql.executeQuery("SELECT sqlite_version()").use { facts.put("version", it.getString(1)) }
    }
    println(facts)
}
"""


@pytest.fixture
def write(tmp_path):
    def write(text):
        file = tmp_path / "Check.kt"
        file.write_text(text, "utf-8")
        return [file]

    return write


def test_compiles_and_runs(write, tmp_path):
    jar = toolchain.compile(write(HELLO), out_jar=tmp_path / "hello.jar")
    done = toolchain.run(jar, "check.CheckKt", ["a", "b"], "é🙂".encode())
    assert done.stdout.decode() == "a+b:é🙂\n"


def test_the_same_sources_are_compiled_once(write, monkeypatch):
    first = toolchain.compile(write(HELLO))
    monkeypatch.setattr(toolchain, "_compile", lambda *_: pytest.fail("compiled again"))
    assert toolchain.compile(write(HELLO)) == first
    with pytest.raises(pytest.fail.Exception):
        toolchain.compile(write(HELLO + "// changed"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("public fun f(): Int = \n", "Expecting an expression"),
        ("fun f(): Int = 1\n", "isibility must be specified"),
        ("public fun f() = 1\n", "eturn type must be specified"),
        ("public fun f(): Int {\n val unused = 2\n return 1\n}\n", "unused"),
    ],
)
def test_refuses_errors_warnings_and_an_implicit_api(write, text, said):
    with pytest.raises(toolchain.CompileError, match=said):
        toolchain.compile(write(text))


def test_a_failing_program_fails(write):
    jar = toolchain.compile(write('public fun main() { error("broken") }'))
    with pytest.raises(AssertionError, match="broken"):
        toolchain.run(jar, "CheckKt")


def test_sqlite_has_fts5_and_json_and_org_json_is_androids(write):
    jars = toolchain.jars("org.json", "sqlite")
    done = toolchain.run(
        toolchain.compile(write(LIBRARIES), jars), "check.CheckKt", classpath=jars, native=["sqlite"]
    )
    assert b'"fts5":1' in done.stdout
    assert b'"json":7' in done.stdout


def test_says_what_is_missing(tmp_path, monkeypatch):
    monkeypatch.setattr(fetch, "CACHE", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    for get, tool in (
        (fetch.kotlin_home, "npm"),
        (fetch.java, "apt-get"),
        (lambda: fetch.library("sqlite"), "apt-get"),
    ):
        with pytest.raises(fetch.UnavailableError, match=tool):
            get()
    assert not [path for path in tmp_path.iterdir() if path.suffix != ".lock"]


def test_a_compiler_that_was_swapped_is_refused(tmp_path, monkeypatch):
    """A digest that does not fit stops before anything is unpacked."""
    monkeypatch.setattr(fetch, "CACHE", tmp_path)

    def pack(command, folder):
        (folder / "other.tgz").write_bytes(b"something else")
        return '[{"filename": "other.tgz"}]'

    monkeypatch.setattr(fetch, "_call", pack)
    with pytest.raises(AssertionError, match="pinned"):
        fetch.kotlin_home()
    assert not (tmp_path / f"kotlin-{fetch.KOTLIN}").exists()


def test_java_is_recent_enough():
    done = subprocess.run([fetch.java(), "-version"], capture_output=True, text=True)
    assert done.returncode == 0
