"""The Gradle files, read as text: every block and property is one that its plugin has, and names agree between the files."""

import re

import pytest
from pocketrag.export.android.archive import MIN_SDK
from pocketrag.export.android.runtime import LIBRARIES

from pocketrag.recipe.toml import tomllib
from tests.conftest import ROOT
from tests.gradle_bundle import dsl, fetch

PROJECT = ROOT / "gradle-bundle"
SCRIPTS = sorted(path.relative_to(PROJECT).as_posix() for path in PROJECT.rglob("*.kts"))


def check(name, text=None):
    text = (PROJECT / name).read_text("utf-8") if text is None else text
    plugins = [dsl.SETTINGS] if name == "settings.gradle.kts" else dsl.plugins_of(text, dsl.catalog(PROJECT))
    return dsl.lint(name, text, plugins)


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_block_and_property_exists(name):
    assert check(name) == []


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("rag-assets/ai-pack.gradle.kts", "aiPack {", "aipack {", "aipack"),
        ("rag-assets/ai-pack.gradle.kts", "deliveryType", "deliverType", "deliverType"),
        ("rag-assets/asset-pack.gradle.kts", "packName", "name", "name"),
        ("rag-assets/asset-pack.gradle.kts", "dynamicDelivery", "delivery", "delivery"),
        ("rag-edge-sdk/build.gradle.kts", "minSdk", "minSdkVersion", "minSdkVersion"),
        ("rag-edge-sdk/build.gradle.kts", "explicitApi", "explicitAPI", "explicitAPI"),
        ("build.gradle.kts", "classpath", "classPath", "classPath"),
        ("sample/build.gradle.kts", "useLegacyPackaging", "legacyPackaging", "legacyPackaging"),
        ("sample/build.gradle.kts", "noCompress", "nocompress", "nocompress"),
        ("sample/build.gradle.kts", "enableSplit", "enabled", "enabled"),
        ("sample/build.gradle.kts", "assetPacks +=", "aiPacks +=", "aiPacks"),
        ("sample/build.gradle.kts", "kotlin.directories", "kotlins.directories", "kotlins"),
        ("settings.gradle.kts", "repositoriesMode", "repositoryMode", "repositoryMode"),
        ("settings.gradle.kts", "url = uri", "uri = uri", "uri"),
        ("settings.gradle.kts", "include(\":sample\")", "includes(\":sample\")", "includes"),
    ],
)  # fmt: skip
def test_a_typo_is_found(name, old, new, said):
    text = (PROJECT / name).read_text("utf-8")
    assert old in text
    wrong = check(name, text.replace(old, new, 1))
    assert wrong and f"`{said}`" in wrong[0]


def test_a_property_in_the_wrong_block_is_found():
    text = (PROJECT / "rag-edge-sdk" / "build.gradle.kts").read_text("utf-8")
    assert check(
        "rag-edge-sdk/build.gradle.kts",
        text.replace("    defaultConfig {", '    applicationId = "x"\n    defaultConfig {'),
    )
    assert check(
        "rag-edge-sdk/build.gradle.kts", text.replace("minSdk = 26", 'minSdk = 26\n        versionName = "1"')
    )


def test_every_row_has_its_source():
    assert all(row.source.startswith("https://") or ": build-system/" in row.source for row in dsl.DSL)


def test_the_catalog_is_whole():
    rows = dsl.catalog(PROJECT)
    for row in [*rows["plugins"].values(), *rows["libraries"].values()]:
        assert row["version"]["ref"] in rows["versions"]
    used = {
        ref
        for name in SCRIPTS
        for ref in re.findall(r"\(libs\.(?!plugins)([\w.]+)\)", (PROJECT / name).read_text("utf-8"))
    }
    used |= {row.library.replace("-", ".") for library in LIBRARIES for row in library.needed}
    used |= {library.name.replace("-", ".") for library in LIBRARIES}
    assert used == {name.replace("-", ".") for name in rows["libraries"]}
    assert "rag.runtime" in used, "both modules take the binary"


def test_kotlin_is_built_in():
    """AGP 9 refuses the plugin; the compiler is the one that the tests have, and what it is raised from is what the runtime is made for."""
    text = "".join((PROJECT / name).read_text("utf-8") for name in SCRIPTS)
    rows = dsl.catalog(PROJECT)
    assert "kotlin.android" not in text and "kotlin-android" not in rows["plugins"]
    assert "classpath(libs.kotlin.gradle.plugin)" in (PROJECT / "build.gradle.kts").read_text("utf-8")
    assert (rows["versions"]["kotlin"], rows["versions"]["kotlin-oldest"]) == (fetch.KOTLIN, fetch.OLDEST)


def test_versions_stand_in_one_table_with_a_date_and_the_page_has_the_same():
    text = (PROJECT / "gradle" / "libs.versions.toml").read_text("utf-8")
    assert re.match(r"# The one table of versions, of \d+ [A-Z][a-z]+ 20\d\d:", text)
    versions = dsl.catalog(PROJECT)["versions"]
    for name in SCRIPTS:
        assert not re.search(r'"[\w.-]+:[\w.-]+:\d', (PROJECT / name).read_text("utf-8")), name
    page = (PROJECT / "README.md").read_text("utf-8")
    assert f"gradle wrapper --gradle-version {versions['gradle']}" in page
    assert f"AGP {versions['agp']}" in page and f"Gradle {versions['gradle']}" in page


def test_the_apps_litert_is_of_the_exporters_minor_version():
    """A model is converted by the one and run by the other: operators of a newer minor version may be missing in an older runtime."""
    table = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    (pin,) = (row for row in table["export"] if row.startswith("ai-edge-litert=="))
    exporter, app = pin.partition("==")[2], dsl.catalog(PROJECT)["versions"]["litert"]
    assert exporter.split(".")[:2] == app.split(".")[:2], f"the exporter has {exporter}, the app {app}"


def test_every_module_is_included_and_every_included_one_is_there():
    included = re.findall(r'include\(":([\w-]+)"\)', (PROJECT / "settings.gradle.kts").read_text("utf-8"))
    assert set(included) == {name.split("/")[0] for name in SCRIPTS if name.endswith("/build.gradle.kts")}


@pytest.mark.parametrize("name", ["rag-edge-sdk", "sample"])
def test_android_8_and_java_17(name):
    text = (PROJECT / name / "build.gradle.kts").read_text("utf-8")
    assert f"minSdk = {MIN_SDK}" in text and "compileSdk = 37" in text
    assert "targetCompatibility = JavaVersion.VERSION_17" in text


@pytest.mark.parametrize("page", ["README.md", "android_assets/README.md", "gradle-bundle/README.md"])
def test_pages_about_android_name_the_oldest_one(page):
    assert f"minSdk {MIN_SDK}" in (ROOT / page).read_text("utf-8")


def test_models_stay_uncompressed_and_native_code_aligned():
    text = (PROJECT / "sample" / "build.gradle.kts").read_text("utf-8")
    assert 'noCompress += listOf("tflite", "db")' in text and "useLegacyPackaging = false" in text


def test_properties_read_are_properties_written():
    from pocketrag.export import gradle

    written = set(re.findall(r'"(pocketrag\.\w+)"', (ROOT / "export" / "gradle.py").read_text("utf-8")))
    read = {
        name
        for file in SCRIPTS
        for name in re.findall(r'gradleProperty\("([\w.]+)"\)', (PROJECT / file).read_text("utf-8"))
    }
    assert read == written
    packs = {f"rag-assets/{pack}-pack.gradle.kts" for pack in gradle.PACKS}
    assert packs == {name for name in SCRIPTS if name.startswith("rag-assets/")}


def test_the_wheel_packs_the_template_and_the_libraries():
    from pocketrag.gradle_bundle import LIBRARIES, TEMPLATE

    packed = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["package-data"]
    assert packed["pocketrag.gradle_bundle"] == [*TEMPLATE, *LIBRARIES]
