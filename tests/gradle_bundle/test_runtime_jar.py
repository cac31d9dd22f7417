"""The classes.jar that is committed and shipped: what the sources in the tree give, small, and read by the oldest Kotlin that an app may have."""

import zipfile
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.gradle_bundle import built, fetch, runtime_jar, toolchain

pytestmark = pytest.mark.usefixtures("kotlin")

SAMPLE = ROOT / "gradle-bundle" / "sample" / "src" / "main" / "kotlin"
LARGEST = 320_000
#: An app's code needs no explicit API, and its compiler has no newer language to be held back from.
PLAIN = ("-Werror", "-jvm-target", "17")
CALLER = """
import dev.pocketrag.runtime.{type}
public fun name(): String = {type}::class.java.name
"""


def content(jar: Path) -> list[tuple]:
    """Return a jar's files in order, with all that makes its bytes but the deflater, of which each zlib has its own."""
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


@pytest.fixture
def fresh(tmp_path, oldest) -> Path:
    file = tmp_path / "classes.jar"
    file.write_bytes(runtime_jar.packed(runtime_jar.compiled()))
    return file


def test_it_is_what_the_sources_give(fresh):
    assert content(runtime_jar.FILE) == content(fresh), "the Kotlin has changed: run `make runtime`"


def test_a_changed_source_gives_other_classes(tmp_path, oldest, monkeypatch):
    """The comparison sees the smallest change: without a compiler that is run again it would prove nothing."""
    answer = toolchain.RUNTIME / "dev" / "pocketrag" / "runtime" / "RagException.kt"
    (tmp_path / "RagException.kt").write_text(answer.read_text("utf-8").replace("RagException(", "RagError("))
    monkeypatch.setattr(toolchain, "RUNTIME", tmp_path)
    made = tmp_path / "classes.jar"
    made.write_bytes(runtime_jar.packed(runtime_jar.compiled()))
    names = {row[0] for row in content(made)}
    assert "dev/pocketrag/runtime/RagError.class" in names
    assert content(made) != content(runtime_jar.FILE)


def test_packing_knows_neither_order_nor_time(tmp_path):
    files = {"b/B.class": b"b", "a/A.class": b"a", "META-INF/MANIFEST.MF": b"Created-By: x"}
    for name, order in (("one", sorted(files)), ("two", sorted(files, reverse=True))):
        with zipfile.ZipFile(tmp_path / name, "w") as made:
            for n, file in enumerate(order):
                made.writestr(zipfile.ZipInfo(file, (2000 + n, 1, 1, 0, 0, 0)), files[file])
    assert runtime_jar.packed(tmp_path / "one") == runtime_jar.packed(tmp_path / "two")
    (tmp_path / "packed").write_bytes(runtime_jar.packed(tmp_path / "one"))
    assert [row[0] for row in content(tmp_path / "packed")] == ["a/A.class", "b/B.class"]


def test_it_is_small_and_holds_nothing_of_others():
    assert runtime_jar.FILE.stat().st_size < LARGEST
    names = [row[0] for row in content(runtime_jar.FILE)]
    assert len(names) > 60 and names == sorted(names)
    assert all(
        name.startswith("dev/pocketrag/runtime/") or name == "META-INF/rag-runtime.kotlin_module"
        for name in names
    )


def test_the_oldest_kotlin_compiles_callers_against_it(tmp_path, oldest):
    """AGP 9's own compiler reads the classes; so do the adapters, which see nothing that is internal to the runtime."""
    libraries = [runtime_jar.FILE, runtime_jar.stubs(), *toolchain.jars("org.json")]
    (tmp_path / "Caller.kt").write_text(CALLER.format(type="Rag"))
    for sources in ([tmp_path / "Caller.kt"], [built.EDGE]):
        made = toolchain.compile(sources, libraries, options=PLAIN, kotlin=fetch.OLDEST)
        assert made.stat().st_size > 0


def test_what_is_internal_stays_so(tmp_path, oldest):
    (tmp_path / "Caller.kt").write_text(CALLER.format(type="ProtoReader"))
    with pytest.raises(toolchain.CompileError, match="internal"):
        toolchain.compile([tmp_path / "Caller.kt"], [runtime_jar.FILE], options=PLAIN, kotlin=fetch.OLDEST)
