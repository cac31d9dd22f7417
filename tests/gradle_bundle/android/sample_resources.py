"""The sample's resources by aapt2: compiled for linking, and R.java with the numbers that the linked table has."""

import hashlib
from pathlib import Path

from tests.conftest import ROOT
from tests.gradle_bundle import android_tools, fetch
from tests.gradle_bundle.manifests import SAMPLE, SAMPLES_PACKAGE, linkable

RES, ANSWERS = (ROOT / "gradle-bundle" / "sample" / "src" / name / "res" for name in ("main", "answers"))


def compiled(*, answers: bool = False) -> list[Path]:
    """Return the archives that `aapt2 link` takes, with those of the sample that answers where it does.

    Raises:
        UnavailableError: aapt2 can't be had from here.

    """
    return sorted(_made(answers).glob("*.zip"))


def r_java(*, answers: bool = False) -> Path:
    """Return R.java.

    Raises:
        UnavailableError: aapt2 can't be had from here.

    """
    return _made(answers) / "java" / Path(*SAMPLES_PACKAGE.split(".")) / "R.java"


def _made(answers: bool) -> Path:
    folders = [RES, ANSWERS] if answers else [RES]
    manifest = linkable(SAMPLE, SAMPLES_PACKAGE)
    files = sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())
    parts = [
        manifest.encode(),
        *(
            part
            for file in files
            for part in (str(file.relative_to(RES.parents[1])).encode(), file.read_bytes())
        ),
    ]
    digest = hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]
    return fetch._once(f"sample-resources-{digest}", lambda beside: _make(beside, manifest, folders))


def _make(beside: Path, manifest: str, folders: list[Path]) -> None:
    tools = android_tools.tools()
    (beside / "AndroidManifest.xml").write_text(manifest, "utf-8")
    for folder in folders:
        tools.aapt2("compile", "--dir", folder, "-o", beside / f"{folder.parent.name}.zip")
    tools.aapt2(
        "link", "--manifest", beside / "AndroidManifest.xml", "-I", tools.framework, "--java", beside / "java", "-o", beside / "resources.apk",
        "--min-sdk-version", "26", *(beside / f"{folder.parent.name}.zip" for folder in folders),
    )  # fmt: skip
