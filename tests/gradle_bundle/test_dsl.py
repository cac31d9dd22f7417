"""The Gradle files, read as text: every block and property is one that its plugin has, and names agree between the files."""

import re

import pytest

from pocketrag.recipe.toml import tomllib
from tests.conftest import ROOT
from tests.gradle_bundle import dsl, toolchain

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
        ("rag-runtime/build.gradle.kts", "minSdk", "minSdkVersion", "minSdkVersion"),
        ("rag-runtime/build.gradle.kts", "explicitApi", "explicitAPI", "explicitAPI"),
        ("sample/build.gradle.kts", "useLegacyPackaging", "legacyPackaging", "legacyPackaging"),
        ("sample/build.gradle.kts", "noCompress", "nocompress", "nocompress"),
        ("sample/build.gradle.kts", "enableSplit", "enabled", "enabled"),
        ("sample/build.gradle.kts", "assetPacks +=", "aiPacks +=", "aiPacks"),
        ("settings.gradle.kts", "repositoriesMode", "repositoryMode", "repositoryMode"),
        ("settings.gradle.kts", "include(\":sample\")", "includes(\":sample\")", "includes"),
    ],
)  # fmt: skip
def test_a_typo_is_found(name, old, new, said):
    text = (PROJECT / name).read_text("utf-8")
    assert old in text
    wrong = check(name, text.replace(old, new, 1))
    assert wrong and f"`{said}`" in wrong[0]


def test_a_property_in_the_wrong_block_is_found():
    text = (PROJECT / "rag-runtime" / "build.gradle.kts").read_text("utf-8")
    assert check(
        "rag-runtime/build.gradle.kts",
        text.replace("    defaultConfig {", '    applicationId = "x"\n    defaultConfig {'),
    )
    assert check(
        "rag-runtime/build.gradle.kts", text.replace("minSdk = 26", 'minSdk = 26\n        versionName = "1"')
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
    assert used == {name.replace("-", ".") for name in rows["libraries"]}
    agp = tuple(map(int, rows["versions"]["agp"].split(".")))
    assert agp >= (8, 10), "device groups and AI packs need AGP 8.10"


def test_every_module_is_included_and_every_included_one_is_there():
    included = re.findall(r'include\(":([\w-]+)"\)', (PROJECT / "settings.gradle.kts").read_text("utf-8"))
    assert set(included) == {name.split("/")[0] for name in SCRIPTS if name.endswith("/build.gradle.kts")}


@pytest.mark.parametrize("name", ["rag-runtime", "rag-edge-sdk", "sample"])
def test_android_8_and_java_17(name):
    text = (PROJECT / name / "build.gradle.kts").read_text("utf-8")
    assert "minSdk = 26" in text and "compileSdk = 36" in text and "JVM_17" in text


def test_the_runtime_is_compiled_as_the_tests_compile_it():
    text = (PROJECT / "rag-runtime" / "build.gradle.kts").read_text("utf-8")
    assert tuple(re.findall(r'"(-[\w=-]+)"', text)) == toolchain.SLIM


def test_models_stay_uncompressed_and_native_code_aligned():
    text = (PROJECT / "sample" / "build.gradle.kts").read_text("utf-8")
    assert 'noCompress += listOf("tflite", "db")' in text and "useLegacyPackaging = false" in text


def test_the_sample_asks_for_no_permission():
    manifest = (PROJECT / "sample" / "src" / "main" / "AndroidManifest.xml").read_text("utf-8")
    assert "<uses-permission" not in manifest and "INTERNET" not in manifest


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


def test_the_wheel_packs_what_the_template_names():
    from pocketrag.gradle_bundle import TEMPLATE

    packed = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["package-data"]
    assert packed["pocketrag.gradle_bundle"] == list(TEMPLATE)
