"""A stranger reads the repository that `aar` writes: Apache Ivy resolves bundle and runtime, checks their checksums, finds the latest version,
and follows what the runtime needs, but for what its POM leaves out."""

import os
import re
import subprocess
import zipfile
from pathlib import Path

import pytest
from pocketrag.export.android import runtime
from pocketrag.export.android.descriptors import Dependency, Licence, pom
from pocketrag.export.android.maven import Coordinates

from tests.bundles import again, reseal
from tests.gradle_bundle import fetch
from tests.verbs import aar

SETTINGS = """<ivysettings>
  <settings defaultResolver="here"/>
  <caches defaultCacheDir="{cache}"/>
  <resolvers><ibiblio name="here" m2compatible="true" root="{repository}/" checksums="sha1,md5"/></resolvers>
</ivysettings>
"""


#: What the real POMs say, as far as it was read: litert-api's own is made of `LITERT_KOTLIN_DEPS` (google-ai-edge/LiteRT, litert/kotlin/BUILD
#: and WORKSPACE, `litert_maven`, at f677457; that the published one has ai-delivery at scope compile: woheller69/whoBIRD issue 131).
PLAY, LIFECYCLE = "com.google.android.play", "androidx.lifecycle"
NEEDS = {
    ("com.google.ai.edge.litert", "litert"): [("com.google.ai.edge.litert", "litert-api")],
    ("org.jetbrains.kotlinx", "kotlinx-coroutines-core"): [("org.jetbrains.kotlin", "kotlin-stdlib")],
    ("com.google.ai.edge.litert", "litert-api"): [
        (PLAY, "ai-delivery"), ("com.google.guava", "guava"), (LIFECYCLE, "lifecycle-common"),
        ("org.jetbrains.kotlinx", "kotlinx-coroutines-android"), ("org.jetbrains.kotlinx", "kotlinx-coroutines-guava"),
        ("org.jetbrains.kotlinx", "kotlinx-coroutines-play-services"),
    ],
    ("androidx.sqlite", "sqlite-bundled"): [("androidx.sqlite", "sqlite")],
    ("org.jetbrains.kotlinx", "kotlinx-coroutines-play-services"): [("com.google.android.gms", "play-services-tasks")],
    (PLAY, "ai-delivery"): [("com.google.android.gms", "play-services-tasks"), (PLAY, "core-common")],
    **{leaf: [] for leaf in (
        ("org.jetbrains.kotlin", "kotlin-stdlib"), ("androidx.sqlite", "sqlite"), ("com.google.guava", "guava"), (PLAY, "core-common"),
        (LIFECYCLE, "lifecycle-common"), ("androidx.annotation", "annotation"), ("com.google.android.gms", "play-services-tasks"),
        ("org.jetbrains.kotlinx", "kotlinx-coroutines-android"), ("org.jetbrains.kotlinx", "kotlinx-coroutines-guava"),
    )},
}  # fmt: skip


def write_foreign(repository: Path) -> None:
    """Write the POMs of what the runtime needs, each with an empty archive, at the versions that the runtime asks for."""
    asked = {(row.at.group, row.at.artifact): row.at.version for row in runtime.dependencies()}
    for (group, name), needs in NEEDS.items():
        at = Coordinates(group, name, asked.get((group, name), "1"))
        rows = [Dependency(Coordinates(*need, asked.get(need, "1")), api=True) for need in needs]
        folder = at.folder(repository) / at.version
        folder.mkdir(parents=True)
        (folder / at.file(".pom")).write_text(pom(at, "", Licence("", ""), rows), "utf-8")
        for ending in (".aar", ".jar"):
            zipfile.ZipFile(folder / at.file(ending), "w").close()


@pytest.fixture(scope="module")
def ivy() -> Path:
    """Ivy's jar; skips where it can't be had, but not in CI."""
    try:
        fetch.java()
        folder = fetch._once("ivy", lambda beside: fetch._fetch_debian(beside, ("ivy",)))
        return fetch._glob(folder, "usr/share/java/ivy-*.jar")[0]
    except fetch.UnavailableError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"no Ivy here: {error}")


def resolve(ivy, folder: Path, name: str, revision: str, types: str = "aar") -> subprocess.CompletedProcess:
    """Resolve `dev.pocketrag:NAME`, and lay what was found into `folder`/got."""
    repository = (folder / "maven").as_uri()
    (folder / "settings.xml").write_text(
        SETTINGS.format(cache=folder / f"cache-{revision}", repository=repository)
    )
    command = [fetch.java(), "-jar", ivy, "-settings", folder / "settings.xml"]
    asked = ["-dependency", "dev.pocketrag", name, revision, "-types", *types.split()]
    got = ["-retrieve", f"{folder}/got/[artifact]-[revision].[ext]"]
    return subprocess.run([*map(str, command), *asked, *got], capture_output=True, text=True, timeout=300)


def test_the_archive_is_found_by_its_coordinates_and_as_the_latest(ivy, tiny_bundle, tmp_path):
    written = {
        version: aar(
            str(reseal(again(tiny_bundle, tmp_path / version), version=version)), out=str(tmp_path / "maven")
        )["aar"]
        for version in ("1.10", "1.9")
    }
    for asked, version in (("1.9", "1.9"), ("latest.release", "1.10")):
        done = resolve(ivy, tmp_path, "rag-assets-tiny", asked)
        assert done.returncode == 0, done.stdout[-2000:]
        assert (tmp_path / "got" / f"rag-assets-tiny-{version}.aar").read_bytes() == Path(
            written[version]
        ).read_bytes()


@pytest.mark.parametrize("ending", ["aar", "aar.sha1", "pom"])
def test_what_was_damaged_is_refused(ivy, tiny_bundle, tmp_path, ending):
    file = Path(aar(str(tiny_bundle), out=str(tmp_path / "maven"))["aar"]).with_suffix(f".{ending}")
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(bytes(content))
    done = resolve(ivy, tmp_path, "rag-assets-tiny", "0.1")
    assert done.returncode and "invalid sha1" in done.stdout + done.stderr
    assert not (tmp_path / "got").exists()


@pytest.mark.parametrize("left_out", [True, False])
def test_what_the_runtime_calls_nothing_of_stays_away(ivy, tmp_path, left_out):
    """With the exclusions taken out of the POM, all of it comes: the check can fail."""
    at = runtime.coordinates()
    runtime.publish(tmp_path / "maven")
    write_foreign(tmp_path / "maven")
    if not left_out:
        file = at.folder(tmp_path / "maven") / at.version / at.file(".pom")
        file.write_text(re.sub(r"(?s)<exclusions>.*?</exclusions>", "", file.read_text("utf-8")), "utf-8")
        for checksum in file.parent.glob(f"{file.name}.*"):
            checksum.unlink()
    done = resolve(ivy, tmp_path, at.artifact, at.version, "aar jar")
    assert done.returncode == 0, done.stdout[-2000:]
    found = {path.name.rpartition("-")[0] for path in (tmp_path / "got").iterdir()}
    needed = {
        "rag-runtime",
        "litert",
        "litert-api",
        "sqlite-bundled",
        "sqlite",
        "kotlin-stdlib",
        "kotlinx-coroutines-android",
        "kotlinx-coroutines-core",
        "annotation",
    }
    assert found == (needed if left_out else {"rag-runtime", *(name for _, name in NEEDS)})
