"""`pocketrag aar`: the archive, the repository around it, the same bytes each time, and what it refuses."""

import hashlib
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from pocketrag.export.android.maven import CHECKSUMS

from pocketrag.errors import InputError
from pocketrag.formats import files
from pocketrag.formats.manifest import MANIFEST, SUMS
from tests.bundles import again, reseal, xml
from tests.conftest import cli
from tests.verbs import aar

POM = {"m": "http://maven.apache.org/POM/4.0.0"}
ANDROID = "{http://schemas.android.com/apk/res/android}"


@pytest.fixture
def made(tiny_bundle, tmp_path) -> tuple[dict, Path]:
    facts = aar(str(tiny_bundle), out=str(tmp_path / "maven"), group="com.example.chess-app")
    return facts, Path(facts["aar"]).parent


def test_the_archive_holds_what_the_format_asks(made, tiny_bundle):
    with zipfile.ZipFile(made[0]["aar"]) as archive:
        names = archive.namelist()
        assert {"AndroidManifest.xml", "classes.jar", "R.txt", "res/"} <= set(names)
        assert archive.testzip() is None
        manifest = xml(archive.read("AndroidManifest.xml"))
        (sdk,) = manifest.findall("uses-sdk")
        assert manifest.attrib["package"] == "com.example.chess_app.rag_assets_tiny"
        assert sdk.attrib[f"{ANDROID}minSdkVersion"] == "26"
        carried = {
            name.removeprefix("assets/pocketrag/tiny/") for name in names if name.startswith("assets/")
        }
        assert carried == {path.name for path in tiny_bundle.iterdir()}
        for name in carried:
            assert archive.read(f"assets/pocketrag/tiny/{name}") == (tiny_bundle / name).read_bytes()
        assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_STORED}


def test_java_reads_the_archive_and_its_empty_jar(made, tmp_path):
    jar = shutil.which("jar")
    if not jar:
        pytest.skip("no JDK here")
    with zipfile.ZipFile(made[0]["aar"]) as archive:
        archive.extract("classes.jar", tmp_path)
    for file, lines in ((made[0]["aar"], 12), (tmp_path / "classes.jar", 0)):
        done = subprocess.run([jar, "tf", file], capture_output=True, text=True)
        assert done.returncode == 0 and len(done.stdout.splitlines()) == lines, done.stderr


def test_the_repository_is_laid_out_as_maven_does(made, tmp_path):
    facts, folder = made
    assert facts["implementation"] == "com.example.chess-app:rag-assets-tiny:0.1@aar"
    assert folder == tmp_path / "maven" / "com" / "example" / "chess-app" / "rag-assets-tiny" / "0.1"
    pom = xml((folder / "rag-assets-tiny-0.1.pom").read_bytes())
    assert pom.tag == f"{{{POM['m']}}}project"
    found = {
        key: pom.findtext(f"m:{key}", namespaces=POM)
        for key in ("modelVersion", "groupId", "artifactId", "version", "packaging")
    }
    assert found == {"modelVersion": "4.0.0", "groupId": "com.example.chess-app", "artifactId": "rag-assets-tiny", "version": "0.1",
                     "packaging": "aar"}  # fmt: skip
    assert pom.findtext("m:licenses/m:license/m:name", namespaces=POM) == "apache-2.0"
    assert not pom.findall("m:dependencies", POM)
    assert "published-with-gradle-metadata" in (folder / "rag-assets-tiny-0.1.pom").read_text()


def test_the_module_file_keeps_to_gradle_module_metadata_1_1(made):
    """Each rule is a sentence of the specification's "Contents"."""
    facts, folder = made
    text = (folder / "rag-assets-tiny-0.1.module").read_text("utf-8")
    module = json.loads(text)
    assert next(iter(module.items())) == ("formatVersion", "1.1")  # "must be present and the first value"
    assert set(module) <= {"formatVersion", "component", "createdBy", "variants"}
    assert {key: module["component"][key] for key in ("group", "module", "version")} == {
        "group": "com.example.chess-app", "module": "rag-assets-tiny", "version": "0.1"}  # fmt: skip
    names = [variant["name"] for variant in module["variants"]]
    attributes = [variant["attributes"] for variant in module["variants"]]
    assert len(set(names)) == len(names) == 2  # "Variant name must be unique per module"
    # "at least one attribute", "Two variants cannot have the same".
    assert all(attributes) and attributes[0] != attributes[1]
    assert all(isinstance(value, str | bool) for row in attributes for value in row.values())
    assert {row["org.gradle.usage"] for row in attributes} == {"java-api", "java-runtime"}
    for variant in module["variants"]:
        (file,) = variant["files"]
        assert file["url"] == file["name"] == Path(facts["aar"]).name
        assert file["size"] == Path(facts["aar"]).stat().st_size  # "A number", "in bytes"
        for kind in ("sha1", "sha256", "sha512", "md5"):
            assert file[kind] == hashlib.new(kind, Path(facts["aar"]).read_bytes()).hexdigest()


def test_every_file_has_its_checksums(made):
    folder = made[1].parent
    plain = [path for path in folder.rglob("*") if path.is_file() and path.suffix[1:] not in CHECKSUMS]
    assert {path.name for path in plain} == {
        "maven-metadata.xml",
        *(f"rag-assets-tiny-0.1.{e}" for e in ("aar", "pom", "module")),
    }
    for path in plain:
        for kind in ("md5", "sha1", "sha256", "sha512"):
            assert (
                path.with_name(f"{path.name}.{kind}").read_text()
                == hashlib.new(kind, path.read_bytes()).hexdigest()
            )
            assert path.with_name(f"{path.name}.{kind}").stat().st_mode & 0o777 == 0o644


def test_versions_are_listed_in_order(tiny_bundle, tmp_path):
    for version in ("1.10", "1.9", "1.10-rc1", "1.9.1"):
        facts = aar(str(reseal(tiny_bundle, version=version)), out=str(tmp_path / "maven"))
    assert facts["versions"] == ["1.9", "1.9.1", "1.10-rc1", "1.10"]
    listed = xml((tmp_path / "maven/dev/pocketrag/rag-assets-tiny/maven-metadata.xml").read_bytes())
    assert [row.text for row in listed.findall("versioning/versions/version")] == facts["versions"]
    assert listed.findtext("versioning/release") == listed.findtext("versioning/latest") == "1.10"
    assert (
        listed.findtext("groupId") == "dev.pocketrag" and listed.findtext("artifactId") == "rag-assets-tiny"
    )


def test_the_same_bundle_gives_the_same_bytes(tiny_bundle, tmp_path):
    copy = again(tiny_bundle, tmp_path / "elsewhere" / "tiny")
    for bundle, out in ((tiny_bundle, "a"), (copy, "b"), (tiny_bundle, "a")):
        done = cli("aar", bundle, "--out", tmp_path / out, env={"TZ": "Asia/Tokyo" if out == "b" else "UTC"})
        assert done.returncode == 0, done.stderr
    assert files.digests(tmp_path / "a") == files.digests(tmp_path / "b")


def test_a_version_with_other_bytes_is_refused(tiny_bundle, tmp_path):
    aar(str(tiny_bundle), out=str(tmp_path / "maven"))
    before = files.digests(tmp_path / "maven")
    reseal(tiny_bundle, licences={"model": "mit"})
    with pytest.raises(InputError, match=r"other bytes.*version"):
        aar(str(tiny_bundle), out=str(tmp_path / "maven"))
    assert files.digests(tmp_path / "maven") == before
    assert [
        path.name for path in (tmp_path / "maven/dev/pocketrag/rag-assets-tiny").iterdir() if path.is_dir()
    ] == ["0.1"]


def test_what_a_kill_left_is_mended(tiny_bundle, tmp_path):
    """The version lies there, but the list was not written."""
    facts = aar(str(tiny_bundle), out=str(tmp_path / "maven"))
    whole = files.digests(tmp_path / "maven")
    (Path(facts["aar"]).parents[1] / "maven-metadata.xml").unlink()
    aar(str(tiny_bundle), out=str(tmp_path / "maven"))
    assert files.digests(tmp_path / "maven") == whole


@pytest.mark.parametrize("group", ["", "com..app", "../up", "com/app", "com.1app", "com.app ", "a.b\n"])
def test_a_group_that_is_none(tiny_bundle, tmp_path, group):
    with pytest.raises(InputError, match="--group"):
        aar(str(tiny_bundle), out=str(tmp_path / "maven"), group=group)
    assert not (tmp_path / "maven").exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"version": "1.0-SNAPSHOT"}, "snapshot"),
        ({"version": "../../up"}, "version"),
        ({"name": "../up"}, "name"),
        ({"name": ""}, "name"),
    ],
)
def test_a_name_or_version_that_can_be_no_folder(tiny_bundle, tmp_path, change, said):
    with pytest.raises(InputError, match=said):
        aar(str(reseal(tiny_bundle, **change)), out=str(tmp_path / "maven"))
    assert not (tmp_path / "maven").exists()


@pytest.mark.parametrize("name", ["embedder.tflite", "NOTICE", MANIFEST, SUMS, "golden.json"])
def test_a_damaged_bundle(tiny_bundle, tmp_path, name):
    with (tiny_bundle / name).open("ab") as stream:
        stream.write(b"\n" if name == MANIFEST else b"0  evil\n")
    with pytest.raises(InputError, match=r"not the file that was built|does not fit"):
        aar(str(tiny_bundle), out=str(tmp_path / "maven"))
    assert not (tmp_path / "maven").exists()


@pytest.mark.parametrize("name", ["corpus.db", MANIFEST, SUMS])
def test_a_missing_file(tiny_bundle, tmp_path, name):
    (tiny_bundle / name).unlink()
    with pytest.raises(InputError, match=name.replace(".", r"\.")):
        aar(str(tiny_bundle), out=str(tmp_path / "maven"))


def test_another_contract(tiny_bundle, tmp_path):
    with pytest.raises(InputError, match="contract version 3"):
        aar(str(reseal(tiny_bundle, contract=3)), out=str(tmp_path / "maven"))


def test_a_file_that_nobody_vouches_for_stays_behind(tiny_bundle, tmp_path):
    (tiny_bundle / "extra.txt").write_text("?")
    with zipfile.ZipFile(aar(str(tiny_bundle), out=str(tmp_path / "maven"))["aar"]) as archive:
        assert not [name for name in archive.namelist() if "extra" in name]


def test_out_is_a_file(tiny_bundle, tmp_path):
    (tmp_path / "maven").write_text("mine")
    with pytest.raises(InputError, match="is not a folder"):
        aar(str(tiny_bundle), out=str(tmp_path / "maven"))
    assert (tmp_path / "maven").read_text() == "mine"


def test_bad_input_exits_2_without_traceback(tmp_path):
    done = cli("aar", tmp_path, "--out", tmp_path / "maven")
    assert done.returncode == 2 and "not a bundle" in done.stderr and "Traceback" not in done.stderr


def test_needs_no_torch(tiny_bundle, tmp_path):
    code = "import sys; sys.modules['torch'] = None; from pocketrag.cli.main import main; sys.exit(main(sys.argv[1:]))"
    for verb in ("aar", "gradle"):
        command = [sys.executable, "-c", code, verb, tiny_bundle, "--out", tmp_path / verb]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


def test_an_out_that_names_no_folder(tiny_bundle):
    with pytest.raises(InputError, match="--out: names no folder"):
        aar(str(tiny_bundle), out="")
