"""The JARs that are committed and shipped: what the sources in the tree give, and read by the oldest Kotlin that an app may have."""

import zipfile
from pathlib import Path

import pytest
from pocketrag.export.android.runtime import LIBRARIES, RUNTIME
from pocketrag.gradle_bundle import archive

from tests.conftest import ROOT
from tests.gradle_bundle import built, fetch, runtime_jar, toolchain

pytestmark = pytest.mark.usefixtures("kotlin")

SAMPLE = ROOT / "gradle-bundle" / "sample" / "src" / "main" / "kotlin"
#: An app's code needs no explicit API, and its compiler has no newer language to be held back from.
PLAIN = ("-Werror", "-jvm-target", "17")
CALLER = """
import dev.pocketrag.runtime.{type}
public fun name(): String = {type}::class.java.name
"""
#: What the guides show of both libraries.
SUSPENDING = """
import android.content.Context
import dev.pocketrag.delivery.PackDownload
import dev.pocketrag.delivery.PackState
import dev.pocketrag.runtime.Rag
import dev.pocketrag.runtime.RagHolder
import dev.pocketrag.runtime.RagOptions
public suspend fun ask(context: Context): String {
    var rag: Rag? = null
    PackDownload(context, "rag_demo", "demo").states().collect { state ->
        if (state is PackState.Ready) rag = Rag.open(context, "demo", source = state.source)
    }
    val answer = RagHolder(context, "demo", RagOptions(threads = 4)).use { it.search("May I stop the clocks?", limit = 3) }
    return rag?.use { it.search("May I?") }.toString() + answer.accelerator
}
"""


def content(jar: Path) -> list[tuple]:
    """Return a jar's files in order, with all that makes its bytes, so that a failure names the file."""
    with zipfile.ZipFile(jar) as archive:
        return [
            (row.filename, row.date_time, row.create_system, row.external_attr, archive.read(row))
            for row in archive.infolist()
        ]


@pytest.fixture(scope="module")
def oldest(kotlin) -> None:
    """The oldest compiler is here too."""
    try:
        fetch.kotlin_home(fetch.OLDEST)
    except fetch.UnavailableError as error:
        pytest.skip(f"no Kotlin {fetch.OLDEST} here: {error}")


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda row: row.name)
def test_it_is_what_the_sources_give(library, tmp_path, oldest):
    """But for how it is deflated, which depends on the zlib."""
    fresh = tmp_path / "classes.jar"
    fresh.write_bytes(runtime_jar.packed(runtime_jar.compiled(library.name)))
    assert content(runtime_jar.shipped(library.name)) == content(fresh), (
        "the Kotlin has changed: run `make runtime`"
    )
    runtime_jar.write(library, tmp_path / "fresh.aar")
    assert content(archive(library.name)) == content(tmp_path / "fresh.aar")


def test_a_changed_source_gives_other_classes(tmp_path, oldest, monkeypatch):
    """The comparison sees the smallest change: without a compiler that is run again it would prove nothing."""
    answer = runtime_jar.sources(RUNTIME.name) / "dev" / "pocketrag" / "runtime" / "RagException.kt"
    (tmp_path / "RagException.kt").write_text(answer.read_text("utf-8").replace("RagException(", "RagError("))
    monkeypatch.setattr(runtime_jar, "sources", lambda _: tmp_path)
    made = tmp_path / "classes.jar"
    made.write_bytes(runtime_jar.packed(runtime_jar.compiled()))
    names = {row[0] for row in content(made)}
    assert "dev/pocketrag/runtime/RagError.class" in names
    assert content(made) != content(runtime_jar.shipped())


def test_packing_knows_neither_order_nor_time(tmp_path):
    files = {"b/B.class": b"b", "a/A.class": b"a", "META-INF/MANIFEST.MF": b"Created-By: x"}
    for name, order in (("one", sorted(files)), ("two", sorted(files, reverse=True))):
        with zipfile.ZipFile(tmp_path / name, "w") as made:
            for n, file in enumerate(order):
                made.writestr(zipfile.ZipInfo(file, (2000 + n, 1, 1, 0, 0, 0)), files[file])
    assert runtime_jar.packed(tmp_path / "one") == runtime_jar.packed(tmp_path / "two")
    (tmp_path / "packed").write_bytes(runtime_jar.packed(tmp_path / "one"))
    assert [row[0] for row in content(tmp_path / "packed")] == ["a/A.class", "b/B.class"]


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda row: row.name)
def test_it_holds_nothing_of_others(library):
    names = [row[0] for row in content(runtime_jar.shipped(library.name))]
    assert names == sorted(names)
    package = library.namespace.replace(".", "/")
    assert {name for name in names if not name.startswith(f"{package}/")} == {
        f"META-INF/{library.name}.kotlin_module"
    }


def test_the_oldest_kotlin_compiles_callers_against_it(tmp_path, oldest):
    """AGP 9's own compiler reads the classes; so do the adapters, which see nothing that is internal to the runtime."""
    libraries = [
        *map(runtime_jar.shipped, ("rag-runtime", "rag-delivery")),
        runtime_jar.stubs(),
        *toolchain.libraries(),
    ]
    (tmp_path / "Caller.kt").write_text(CALLER.format(type="Rag"))
    for sources in ([tmp_path / "Caller.kt"], [built.EDGE]):
        made = toolchain.compile(sources, libraries, options=PLAIN, kotlin=fetch.OLDEST)
        assert made.stat().st_size > 0


def test_what_is_internal_stays_so(tmp_path, oldest):
    (tmp_path / "Caller.kt").write_text(CALLER.format(type="ProtoReader"))
    with pytest.raises(toolchain.CompileError, match="internal"):
        toolchain.compile(
            [tmp_path / "Caller.kt"], [runtime_jar.shipped()], options=PLAIN, kotlin=fetch.OLDEST
        )


def test_the_oldest_kotlin_writes_suspending_callers(tmp_path, oldest):
    (tmp_path / "Caller.kt").write_text(SUSPENDING)
    libraries = [
        *map(runtime_jar.shipped, ("rag-runtime", "rag-delivery")),
        runtime_jar.stubs(),
        *toolchain.libraries(),
    ]
    made = toolchain.compile([tmp_path / "Caller.kt"], libraries, options=PLAIN, kotlin=fetch.OLDEST)
    assert made.stat().st_size > 0
