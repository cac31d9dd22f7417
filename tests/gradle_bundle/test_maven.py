"""A stranger reads the repository that `aar` writes: Apache Ivy resolves the archive, checks its checksums, and finds the latest version."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.bundles import again, reseal
from tests.gradle_bundle import fetch
from tests.verbs import aar

SETTINGS = """<ivysettings>
  <settings defaultResolver="here"/>
  <caches defaultCacheDir="{cache}"/>
  <resolvers><ibiblio name="here" m2compatible="true" root="{repository}/" checksums="sha1,md5"/></resolvers>
</ivysettings>
"""


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


def resolve(ivy, folder: Path, revision: str) -> subprocess.CompletedProcess:
    """Resolve `dev.pocketrag:rag-assets-tiny` as type aar, and lay what was found into `folder`/got."""
    repository = (folder / "maven").as_uri()
    (folder / "settings.xml").write_text(
        SETTINGS.format(cache=folder / f"cache-{revision}", repository=repository)
    )
    command = [
        fetch.java(),
        "-jar",
        ivy,
        "-settings",
        folder / "settings.xml",
        "-dependency",
        "dev.pocketrag",
        "rag-assets-tiny",
        revision,
    ]
    got = f"{folder}/got/[artifact]-[revision].[ext]"
    return subprocess.run(
        [*map(str, command), "-types", "aar", "-retrieve", got], capture_output=True, text=True, timeout=120
    )


def test_the_archive_is_found_by_its_coordinates_and_as_the_latest(ivy, tiny_bundle, tmp_path):
    written = {
        version: aar(
            str(reseal(again(tiny_bundle, tmp_path / version), version=version)), out=str(tmp_path / "maven")
        )["aar"]
        for version in ("1.10", "1.9")
    }
    for asked, version in (("1.9", "1.9"), ("latest.release", "1.10")):
        done = resolve(ivy, tmp_path, asked)
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
    done = resolve(ivy, tmp_path, "0.1")
    assert done.returncode and "invalid sha1" in done.stdout + done.stderr
    assert not (tmp_path / "got").exists()
