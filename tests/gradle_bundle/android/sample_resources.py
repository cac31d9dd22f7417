"""The sample's resources by aapt2: compiled for linking, and R.java with the numbers that the linked table has."""

import hashlib
from pathlib import Path

from tests.conftest import ROOT
from tests.gradle_bundle import android_tools, fetch
from tests.gradle_bundle.manifests import SAMPLE, SAMPLES_PACKAGE, linkable

RES = ROOT / "gradle-bundle" / "sample" / "src" / "main" / "res"


def compiled() -> Path:
    """Return the archive that `aapt2 link` takes.

    Raises:
        UnavailableError: aapt2 can't be had from here.

    """
    return _made() / "res.zip"


def r_java() -> Path:
    """Return R.java.

    Raises:
        UnavailableError: aapt2 can't be had from here.

    """
    return _made() / "java" / Path(*SAMPLES_PACKAGE.split(".")) / "R.java"


def _made() -> Path:
    manifest, files = (
        linkable(SAMPLE, SAMPLES_PACKAGE),
        sorted(path for path in RES.rglob("*") if path.is_file()),
    )
    parts = [
        manifest.encode(),
        *(part for file in files for part in (str(file.relative_to(RES)).encode(), file.read_bytes())),
    ]
    digest = hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]
    return fetch._once(f"sample-resources-{digest}", lambda beside: _make(beside, manifest))


def _make(beside: Path, manifest: str) -> None:
    tools = android_tools.tools()
    (beside / "AndroidManifest.xml").write_text(manifest, "utf-8")
    tools.aapt2("compile", "--dir", RES, "-o", beside / "res.zip")
    tools.aapt2(
        "link", "--manifest", beside / "AndroidManifest.xml", "-I", tools.framework, "--java", beside / "java", "-o", beside / "resources.apk",
        "--min-sdk-version", "26", beside / "res.zip",
    )  # fmt: skip
