"""The sample as an APK: compiled, shrunk, made a .dex, linked, aligned, signed, by ProGuard, dx, aapt2, zipalign and apksigner.

LiteRT and SQLite are stubs without native code. AGP takes R8 and its own merger of manifests in place of ProGuard and `linkable`.
"""

import re
import zipfile

import pytest
from pocketrag.export.android.archive import MIN_SDK

from tests.gradle_bundle import android_tools
from tests.gradle_bundle.android import classfile, dex, framework, sample_resources, shrink
from tests.gradle_bundle.android.test_rules import ACTIVITY
from tests.gradle_bundle.conftest import needs
from tests.gradle_bundle.manifests import SAMPLE, SAMPLES_PACKAGE, linkable
from tests.gradle_bundle.test_apk import PAGE, assets_of_pack, entries, linked

#: 038 is what Android 8 reads; 037 came before it.
DEX = {"037", "038"}


@pytest.fixture(scope="module", autouse=True)
def android(kotlin):
    needs(framework.android_jar, shrink.proguard_jar, dex.dx_jar, dex.dexdump_folder, android_tools.tools)


@pytest.fixture(scope="module")
def code(tmp_path_factory):
    """The sample's jar after ProGuard, and its .dex."""
    folder = tmp_path_factory.mktemp("code")
    jars = [framework.sample(options=shrink.OLD_CLASSES), framework.runtime(shrink.OLD_CLASSES)]
    jar = shrink.shrunk(jars, ACTIVITY, folder)
    return jar, dex.dexed(jar, MIN_SDK, folder / "classes.dex")


def made(code, bundle, folder):
    tools = android_tools.tools()
    versions = ("--min-sdk-version", str(MIN_SDK), "--target-sdk-version", "36")
    return linked(
        tools, folder, assets_of_pack(tools, bundle, folder),
        manifest=linkable(SAMPLE, SAMPLES_PACKAGE), options=versions, resources=sample_resources.compiled(),
        dex=code[1], align=(PAGE,),
    )  # fmt: skip


@pytest.fixture
def apk(code, tiny_bundle, tmp_path):
    return made(code, tiny_bundle, tmp_path)


def test_the_dex_is_one_that_android_8_reads(code):
    jar, file = code
    summary = dex.dexdump("-f", file)
    assert re.search(r"DEX version '(\d+)'", summary)[1] in DEX
    assert "'Ldev/pocketrag/sample/MainActivity;'" in summary
    assert int(re.search(r"class_defs_size +: (\d+)", summary)[1]) == len(classfile.jar(jar))
    # A lambda that was left to the phone: no Android has LambdaMetafactory.
    assert "invoke-custom" not in dex.dexdump("-d", file)


def test_a_broken_dex_is_seen(code, tmp_path):
    data = bytearray(code[1].read_bytes())
    data[len(data) // 2] ^= 1
    (tmp_path / "classes.dex").write_bytes(data)
    with pytest.raises(AssertionError, match="hecksum"):
        dex.dexdump("-f", tmp_path / "classes.dex")


def test_the_sample_verifies(apk, code, tiny_bundle):
    tools = android_tools.tools()
    said = tools.apksigner("verify", "--verbose", "--min-sdk-version", MIN_SDK, apk)
    assert "Verified using v2 scheme (APK Signature Scheme v2): true" in said
    badging = tools.aapt2("dump", "badging", apk)
    assert re.search(rf"^(minS|s)dkVersion:'{MIN_SDK}'", badging, re.MULTILINE)
    assert f"launchable-activity: name='{SAMPLES_PACKAGE}.MainActivity'" in badging
    assert "uses-permission" not in tools.aapt2("dump", "permissions", apk)
    with zipfile.ZipFile(apk) as archive:
        assert archive.read("classes.dex") == code[1].read_bytes()
        assert archive.read("assets/pocketrag/tiny/corpus.db") == (tiny_bundle / "corpus.db").read_bytes()


def test_what_is_ours_lies_on_16_kb(apk):
    tools = android_tools.tools()
    assert "Verification succe" in tools.zipalign("-c", "-v", PAGE, apk)
    stored = {name: row for name, row in entries(apk).items() if row.method == zipfile.ZIP_STORED}
    assert {"assets/pocketrag/tiny/embedder.tflite", "assets/pocketrag/tiny/corpus.db"} <= set(stored)
    assert all(row.data % PAGE == 0 for row in stored.values())
    # Native code would be LiteRT's and SQLite's; none of it is ours.
    assert not [name for name in entries(apk) if name.endswith(".so")]


def test_with_the_demo_it_verifies_without_a_permission(code, demo, tmp_path):
    apk, tools = made(code, demo[0], tmp_path), android_tools.tools()
    assert "Verified using v2 scheme" in tools.apksigner(
        "verify", "--verbose", "--min-sdk-version", MIN_SDK, apk
    )
    assert "uses-permission" not in tools.aapt2("dump", "permissions", apk)
    rows = entries(apk)
    weights = [
        rows[f"assets/pocketrag/demo/{name}"] for name in ("embedder.tflite", "fallback.tflite", "corpus.db")
    ]
    assert all(row.method == zipfile.ZIP_STORED and row.data % PAGE == 0 for row in weights)
