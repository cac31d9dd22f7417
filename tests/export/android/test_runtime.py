"""`rag-runtime`, `rag-delivery` and `rag-answer` in the Maven folder of `aar` and `gradle`: what the AARs hold, what POM and module metadata say they need."""

import hashlib
import io
import json
import zipfile
from pathlib import Path

import pytest
from pocketrag.export.android import runtime
from pocketrag.gradle_bundle import CATALOG, classes, rules, sources

from pocketrag.errors import InputError
from pocketrag.formats import files
from pocketrag.recipe.toml import tomllib
from tests.bundles import xml
from tests.verbs import aar, gradle

POM = {"m": "http://maven.apache.org/POM/4.0.0"}
ANDROID = "{http://schemas.android.com/apk/res/android}"
VERSIONS = tomllib.loads(CATALOG.read_text("utf-8"))["versions"]
VERSION = VERSIONS["rag-runtime"]
#: Of an AAR without its dependencies, in bytes. Unigram and byte-level BPE took 45 000 of them: two models, their readers, and what Unicode
#: says of letters, numbers and clusters, which the platform knows in another version. Updates took 97 000: deltas, channels, the record of
#: versions, and calls that suspend, which are a class each; an app that calls none of them loses most to R8.
LARGEST = 440_000
#: What the runtime calls nothing of, and what would come with it.
UNWANTED = {"com.google.android.play", "com.google.android.gms", "com.google.guava", "androidx.lifecycle"}


@pytest.fixture
def repository(tmp_path) -> Path:
    """The folder that holds a folder for each library."""
    runtime.publish(tmp_path / "maven")
    return tmp_path / "maven" / "dev" / "pocketrag"


@pytest.fixture
def folder(repository) -> Path:
    """The version's folder of rag-runtime."""
    return repository / "rag-runtime" / VERSION


def both(test):
    """Run a test for each library; its first class is the one that an app meets first."""
    rows = [
        ("rag-runtime", "dev/pocketrag/runtime/Rag.class"),
        ("rag-delivery", "dev/pocketrag/delivery/PackDownload.class"),
        ("rag-answer", "dev/pocketrag/answer/Answerer.class"),
    ]
    return pytest.mark.parametrize(("name", "first"), rows)(test)


def needs(pom) -> dict[str, tuple[str, str]]:
    """Return version and scope by a POM's artifacts."""
    keys = ("artifactId", "version", "scope")
    rows = [
        [row.findtext(f"m:{key}", namespaces=POM) for key in keys]
        for row in pom.findall("m:dependencies/m:dependency", POM)
    ]
    return {name: (version, scope) for name, version, scope in rows}


@both
def test_the_archive_holds_classes_rules_and_what_agp_asks(repository, name, first):
    with zipfile.ZipFile(repository / name / VERSION / f"{name}-{VERSION}.aar") as archive:
        held = {row: archive.read(row) for row in archive.namelist()}
        expected = {"proguard.txt": rules(name).read_bytes()} if rules(name).exists() else {}
        expected |= {"classes.jar": classes(name), "R.txt": b""}
        assert {row: held.get(row) for row in expected} == expected
        assert held.keys() - expected.keys() == {
            "AndroidManifest.xml", "META-INF/com/android/build/gradle/aar-metadata.properties"
        }  # fmt: skip
        manifest = xml(archive.read("AndroidManifest.xml"))
        asked = archive.read("META-INF/com/android/build/gradle/aar-metadata.properties").decode()
        with zipfile.ZipFile(io.BytesIO(archive.read("classes.jar"))) as jar:
            assert first in jar.namelist()
    assert manifest.attrib["package"] == first.rpartition("/")[0].replace("/", ".")
    (sdk,) = manifest  # and no permission
    assert sdk.attrib == {f"{ANDROID}minSdkVersion": "26"}
    assert dict(line.split("=") for line in asked.split()) == {
        "aarFormatVersion": "1.0", "aarMetadataVersion": "1.0", "minCompileSdk": "1", "minCompileSdkExtension": "0",
        "minAndroidGradlePluginVersion": "1.0.0", "coreLibraryDesugaringEnabled": "false"}  # fmt: skip


@both
def test_the_archive_is_small(repository, name, first):
    assert (repository / name / VERSION / f"{name}-{VERSION}.aar").stat().st_size <= LARGEST


def test_classes_are_deflated_as_one_stream(folder):
    """Their own entries are stored: what is alike in two classes is said once."""
    with zipfile.ZipFile(folder / f"rag-runtime-{VERSION}.aar") as archive:
        assert archive.getinfo("classes.jar").compress_type == zipfile.ZIP_DEFLATED
        with zipfile.ZipFile(io.BytesIO(archive.read("classes.jar"))) as jar:
            assert {row.compress_type for row in jar.infolist()} == {zipfile.ZIP_STORED}


@both
def test_the_sources_lie_beside_it(repository, name, first):
    with zipfile.ZipFile(repository / name / VERSION / f"{name}-{VERSION}-sources.jar") as archive:
        read = {row: archive.read(row) for row in archive.namelist()}
    root = sources(name)
    assert read == {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*.kt")}


def test_the_pom_names_what_it_needs_and_what_it_leaves_out(folder):
    pom = xml((folder / f"rag-runtime-{VERSION}.pom").read_bytes())
    assert [pom.findtext(f"m:{key}", namespaces=POM) for key in ("groupId", "artifactId", "version")] == [
        "dev.pocketrag",
        "rag-runtime",
        VERSION,
    ]
    assert pom.findtext("m:licenses/m:license/m:name", namespaces=POM) == "Apache-2.0"
    assert needs(pom) == {
        "kotlin-stdlib": (VERSIONS["kotlin-oldest"], "compile"),
        "kotlinx-coroutines-core": (VERSIONS["coroutines"], "compile"),
        "annotation": (VERSIONS["annotation"], "compile"),
        "litert-api": (VERSIONS["litert"], "compile"),
        "litert": (VERSIONS["litert"], "runtime"),
        "sqlite-bundled": (VERSIONS["sqlite"], "runtime"),
    }
    for row in pom.findall("m:dependencies/m:dependency", POM):
        out = [[part.text for part in one] for one in row.findall("m:exclusions/m:exclusion", POM)]
        litert = row.findtext("m:artifactId", namespaces=POM).startswith("litert")
        assert {group for group, name in out if name == "*"} == (UNWANTED if litert else set())


def test_the_delivery_needs_the_runtime_and_what_its_api_shows(repository):
    pom = xml((repository / "rag-delivery" / VERSION / f"rag-delivery-{VERSION}.pom").read_bytes())
    assert needs(pom) == {
        "kotlin-stdlib": (VERSIONS["kotlin-oldest"], "compile"),
        "kotlinx-coroutines-core": (VERSIONS["coroutines"], "compile"),
        "rag-runtime": (VERSION, "compile"),
        "ai-delivery": (VERSIONS["ai-delivery"], "compile"),
        "activity": (VERSIONS["activity"], "compile"),
    }
    assert pom.find(".//m:exclusions", POM) is None


def test_the_answers_need_the_runtime_and_litert_lm(repository):
    pom = xml((repository / "rag-answer" / VERSION / f"rag-answer-{VERSION}.pom").read_bytes())
    assert needs(pom) == {
        "kotlin-stdlib": (VERSIONS["kotlin-oldest"], "compile"),
        "kotlinx-coroutines-core": (VERSIONS["coroutines"], "compile"),
        "rag-runtime": (VERSION, "compile"),
        "litertlm-android": (VERSIONS["litertlm"], "runtime"),
    }


def test_the_module_file_says_the_same_for_compiling_and_for_running(folder):
    module = json.loads((folder / f"rag-runtime-{VERSION}.module").read_text("utf-8"))
    by_usage = {row["name"]: row for row in module["variants"]}
    api, run, sources = (
        by_usage[name] for name in ("releaseApiElements", "releaseRuntimeElements", "releaseSourcesElements")
    )
    compiling = ["kotlin-stdlib", "kotlinx-coroutines-core", "annotation", "litert-api"]
    assert [row["module"] for row in api["dependencies"]] == compiling
    needed = {row["module"]: row for row in run["dependencies"]}
    assert {name: row["version"] for name, row in needed.items()} == {
        "kotlin-stdlib": {"requires": VERSIONS["kotlin-oldest"]},
        "kotlinx-coroutines-core": {"requires": VERSIONS["coroutines"]},
        "annotation": {"requires": VERSIONS["annotation"]},
        "litert-api": {"requires": VERSIONS["litert"]},
        "litert": {"requires": VERSIONS["litert"]},
        "sqlite-bundled": {"requires": VERSIONS["sqlite"]},
    }
    for name in ("litert", "litert-api"):
        assert {row["group"] for row in needed[name]["excludes"] if row["module"] == "*"} == UNWANTED
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
    for name in ("rag-runtime", "rag-delivery", "rag-answer"):
        where = Path("dev", "pocketrag", name)
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
