"""`dev.pocketrag:rag-runtime` in the Maven folder of `aar` and `gradle`: what the AAR holds, what POM and module metadata say it needs."""

import hashlib
import io
import json
import zipfile
from pathlib import Path

import pytest
from pocketrag.export.android import runtime
from pocketrag.gradle_bundle import CATALOG, CLASSES, RULES, SOURCES

from pocketrag.errors import InputError
from pocketrag.formats import files
from pocketrag.recipe.toml import tomllib
from tests.bundles import xml
from tests.verbs import aar, gradle

POM = {"m": "http://maven.apache.org/POM/4.0.0"}
ANDROID = "{http://schemas.android.com/apk/res/android}"
VERSIONS = tomllib.loads(CATALOG.read_text("utf-8"))["versions"]
VERSION = VERSIONS["rag-runtime"]
#: What the runtime calls nothing of, and what would come with it.
UNWANTED = {"com.google.android.play", "com.google.android.gms", "com.google.guava", "androidx.lifecycle"}


@pytest.fixture
def folder(tmp_path) -> Path:
    """The version's folder."""
    runtime.publish(tmp_path / "maven")
    return tmp_path / "maven" / "dev" / "pocketrag" / "rag-runtime" / VERSION


def test_the_archive_holds_classes_rules_and_what_agp_asks(folder):
    with zipfile.ZipFile(folder / f"rag-runtime-{VERSION}.aar") as archive:
        assert set(archive.namelist()) == {
            *("AndroidManifest.xml", "classes.jar", "R.txt", "proguard.txt"),
            "META-INF/com/android/build/gradle/aar-metadata.properties",
        }
        assert archive.testzip() is None
        assert archive.read("classes.jar") == CLASSES.read_bytes()
        assert archive.read("proguard.txt") == RULES.read_bytes()
        manifest = xml(archive.read("AndroidManifest.xml"))
        asked = archive.read("META-INF/com/android/build/gradle/aar-metadata.properties").decode()
        with zipfile.ZipFile(io.BytesIO(archive.read("classes.jar"))) as classes:
            assert "dev/pocketrag/runtime/Rag.class" in classes.namelist()
    assert manifest.attrib["package"] == "dev.pocketrag.runtime"
    (sdk,) = manifest  # and no permission
    assert sdk.attrib == {f"{ANDROID}minSdkVersion": "26"}
    assert dict(line.split("=") for line in asked.split()) == {
        "aarFormatVersion": "1.0", "aarMetadataVersion": "1.0", "minCompileSdk": "1", "minCompileSdkExtension": "0",
        "minAndroidGradlePluginVersion": "1.0.0", "coreLibraryDesugaringEnabled": "false"}  # fmt: skip


def test_the_sources_lie_beside_it(folder):
    with zipfile.ZipFile(folder / f"rag-runtime-{VERSION}-sources.jar") as archive:
        read = {name: archive.read(name) for name in archive.namelist()}
    assert read == {path.relative_to(SOURCES).as_posix(): path.read_bytes() for path in SOURCES.rglob("*.kt")}


def test_the_pom_names_what_it_needs_and_what_it_leaves_out(folder):
    pom = xml((folder / f"rag-runtime-{VERSION}.pom").read_bytes())
    assert [pom.findtext(f"m:{key}", namespaces=POM) for key in ("groupId", "artifactId", "version")] == [
        "dev.pocketrag",
        "rag-runtime",
        VERSION,
    ]
    assert pom.findtext("m:licenses/m:license/m:name", namespaces=POM) == "Apache-2.0"
    found = {
        row.findtext("m:artifactId", namespaces=POM): row
        for row in pom.findall("m:dependencies/m:dependency", POM)
    }
    told = {
        name: (row.findtext("m:version", namespaces=POM), row.findtext("m:scope", namespaces=POM))
        for name, row in found.items()
    }
    assert told == {
        "kotlin-stdlib": (VERSIONS["kotlin-oldest"], "compile"),
        "litert": (VERSIONS["litert"], "runtime"),
        "sqlite-bundled": (VERSIONS["sqlite"], "runtime"),
    }
    out = [[part.text for part in row] for row in found["litert"].findall("m:exclusions/m:exclusion", POM)]
    assert {group for group, name in out if name == "*"} == UNWANTED
    assert not [name for name in ("kotlin-stdlib", "sqlite-bundled") if found[name].find("m:exclusions", POM)]


def test_the_module_file_says_the_same_for_compiling_and_for_running(folder):
    module = json.loads((folder / f"rag-runtime-{VERSION}.module").read_text("utf-8"))
    by_usage = {row["name"]: row for row in module["variants"]}
    api, run, sources = (
        by_usage[name] for name in ("releaseApiElements", "releaseRuntimeElements", "releaseSourcesElements")
    )
    assert [row["module"] for row in api["dependencies"]] == ["kotlin-stdlib"]
    needed = {row["module"]: row for row in run["dependencies"]}
    assert {name: row["version"] for name, row in needed.items()} == {
        "kotlin-stdlib": {"requires": VERSIONS["kotlin-oldest"]},
        "litert": {"requires": VERSIONS["litert"]},
        "sqlite-bundled": {"requires": VERSIONS["sqlite"]},
    }
    assert {row["group"] for row in needed["litert"]["excludes"] if row["module"] == "*"} == UNWANTED
    assert "dependencies" not in sources and sources["attributes"]["org.gradle.docstype"] == "sources"
    for row in (api, run, sources):
        (file,) = row["files"]
        content = (folder / file["url"]).read_bytes()
        assert file["size"] == len(content) and file["sha256"] == hashlib.sha256(content).hexdigest()


def test_every_file_has_its_checksums_and_the_version_is_listed(folder):
    plain = [path for path in folder.iterdir() if path.suffix in (".aar", ".jar", ".pom", ".module")]
    assert len(plain) == 4 and len(list(folder.iterdir())) == 20
    for path in plain:
        for kind in ("md5", "sha1", "sha256", "sha512"):
            digest = hashlib.new(kind, path.read_bytes()).hexdigest()
            assert path.with_name(f"{path.name}.{kind}").read_text() == digest
    listed = xml((folder.parent / "maven-metadata.xml").read_bytes())
    assert listed.findtext("versioning/release") == VERSION


def test_aar_and_gradle_write_the_same_runtime_beside_the_bundle(tiny_bundle, tmp_path):
    first = aar(str(tiny_bundle), out=str(tmp_path / "maven"), group="com.example.app")
    second = gradle(str(tiny_bundle), out=str(tmp_path / "app"))
    assert first["runtime"] == second["runtime"] == f"dev.pocketrag:rag-runtime:{VERSION}"
    assert second["repository"] == str(tmp_path / "app" / "maven")
    where = Path("dev", "pocketrag", "rag-runtime")
    found = [files.digests(Path(facts["repository"]) / where) for facts in (first, second)]
    assert found[0] == found[1] and len(found[0]) == 25


def test_a_runtime_of_the_same_version_with_other_bytes_is_refused_before_anything_is_written(
    tiny_bundle, tmp_path, folder
):
    with (folder / f"rag-runtime-{VERSION}.pom").open("a") as stream:
        stream.write("<!-- other -->")
    before = files.digests(tmp_path / "maven")
    with pytest.raises(InputError, match=r"rag-runtime.*other bytes.*--out"):
        aar(str(tiny_bundle), out=str(tmp_path / "maven"))
    assert files.digests(tmp_path / "maven") == before
