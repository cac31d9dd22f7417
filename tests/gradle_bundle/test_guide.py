"""The guide for the mobile engineer shows what the Kotlin runtime has: its code compiles, and it names each exception."""

import re
from xml.etree import ElementTree

import pytest
from pocketrag.export.android.assets import ASSETS
from pocketrag.gradle_bundle import CATALOG

from pocketrag.recipe.toml import read_toml
from tests.conftest import ROOT
from tests.gradle_bundle import snippets, toolchain
from tests.gradle_bundle.snippets import GUIDE, PROJECT

SOURCES = "\n".join(
    path.read_text("utf-8") for path in sorted((ROOT / "gradle-bundle").rglob("src/main/kotlin/**/*.kt"))
)
SAMPLE = ROOT / "gradle-bundle" / "sample"
#: Where the guide ends and the contract begins.
HOW, _, CONTRACT = GUIDE.partition("# The contract, version 2")
#: In the order in which an engineer works.
SECTIONS = [
    "Two lines", "Open", "Search", "ViewModel with coroutines", "Java", "Feeding a generator", "Packs and tiers", "Memory", "R8",
    "Permissions and Play's declarations", "Updating", "Updating without a release", "Falling back", "Privacy",
]  # fmt: skip


@pytest.mark.parametrize("text", [HOW, PROJECT], ids=["guide", "project"])
@pytest.mark.usefixtures("kotlin")
def test_the_code_compiles(text, tmp_path):
    assert snippets.blocks(text, "kotlin")
    assert snippets.compile_kotlin(text, tmp_path).stat().st_size > 0
    snippets.compile_java(text, tmp_path)


@pytest.mark.usefixtures("kotlin")
def test_code_that_the_runtime_has_not_does_not_compile(tmp_path):
    assert len(snippets.blocks(HOW, "kotlin")) > 3 and len(snippets.blocks(HOW, "java")) == 1
    with pytest.raises(toolchain.CompileError, match="findAll"):
        snippets.compile_kotlin(HOW.replace("rag.search(", "rag.findAll("), tmp_path)
    with pytest.raises(toolchain.CompileError, match="encodr"):
        snippets.compile_kotlin(HOW.replace("`answer.encoder`", "`answer.encodr`"), tmp_path)
    with pytest.raises(AssertionError, match="openNow"):
        snippets.compile_java(HOW.replace("openBlocking", "openNow"), tmp_path)


def test_every_exception_is_in_the_guide_and_no_other():
    thrown = set(re.findall(r"class (\w+Exception)\b(?:(?!class)[^{}])*?:\s*RagException\(", SOURCES))
    assert len(thrown) > 10
    # Of the downloader, what the network throws.
    assert set(re.findall(r"\b\w+Exception\b", GUIDE)) == thrown | {"RagException", "IOException"}
    assert re.search(
        r"sealed class RagException\(.*\) : RuntimeException\(", SOURCES
    )  # Unchecked, as it says.


def test_the_sections_are_in_the_order_of_work():
    assert re.findall(r"^## (.+)$", HOW, re.MULTILINE) == SECTIONS


def test_the_lines_for_the_build_are_the_samples():
    build = (SAMPLE / "build.gradle.kts").read_text("utf-8")
    for line in ('noCompress += listOf("tflite", "db")', "useLegacyPackaging = false"):
        assert line in HOW and line in build
    versions = read_toml(CATALOG)["versions"]
    assert f'implementation("dev.pocketrag:rag-runtime:{versions["rag-runtime"]}")' in HOW
    assert "minSdk 26" in HOW and "minSdk = 26" in build
    assert "Kotlin 2.2" in HOW and versions["kotlin-oldest"].startswith("2.2.")


def test_the_permissions_that_it_takes_out_are_the_samples():
    (shown,) = snippets.blocks(HOW, "xml")
    rows = ElementTree.fromstring(
        f'<m xmlns:android="http://schemas.android.com/apk/res/android" xmlns:tools="http://schemas.android.com/tools">{shown}</m>'
    )
    manifest = ElementTree.parse(SAMPLE / "src" / "main" / "AndroidManifest.xml").getroot()
    assert [row.attrib for row in rows] == [row.attrib for row in manifest.findall("uses-permission")]


@pytest.mark.parametrize(
    ("said", "there"),
    [
        ("`Digests.ONCE`", "digests: Digests = Digests.ONCE"),
        ("What lies as plain files is opened there", "source.folder?.takeUnless(::isUpdate)?.let(::inPlace)"),
        ("`PackDownload` of `rag-delivery`, a `Flow` of states", "fun states(): Flow<PackState>"),
        ("`@WorkerThread`", "@WorkerThread"),
        ("`RagOptions.Builder`", "class Builder"),
        ("`neededBytes`", "val neededBytes"),
    ],
)
def test_what_is_said_is_there(said, there):
    assert said in HOW and there in SOURCES


def test_the_runtime_looks_where_the_bundle_is_laid():
    assert f'ASSETS: String = "{ASSETS}"' in SOURCES
    assert f'assets.list("{ASSETS}")' in SOURCES


def test_the_guide_is_short_enough_to_be_read():
    assert len(HOW.splitlines()) < 200 and len(CONTRACT.splitlines()) < 110
