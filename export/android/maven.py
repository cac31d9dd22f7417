"""A Maven repository folder: where a version's files lie, their checksums, and the list of versions.

Sources: maven.apache.org/repository/layout.html (paths, checksum files);
maven.apache.org/ref/3.9.9/maven-repository-metadata/repository-metadata.html, whose `lastUpdated` is left
out: the same input shall give the same bytes.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from pocketrag.errors import InputError
from pocketrag.formats import files

CHECKSUMS = ("md5", "sha1", "sha256", "sha512")
METADATA = "maven-metadata.xml"


@dataclass(frozen=True)
class Coordinates:
    """Group, artifact and version of what is published."""

    group: str
    artifact: str
    version: str

    def folder(self, repository: Path) -> Path:
        """Return where the artifact's versions lie.

        The version's own files are in a folder of its name below.
        """
        return repository.joinpath(*self.group.split("."), self.artifact)

    def file(self, ending: str) -> str:
        """Return the name of the version's file with this ending (".aar", "-sources.jar")."""
        return f"{self.artifact}-{self.version}{ending}"

    def __str__(self) -> str:
        """Return them as a build file names them."""
        return f"{self.group}:{self.artifact}:{self.version}"


def hashes(file: Path) -> dict[str, str]:
    """Return a file's checksums as hex digits, by the ending that Maven gives them."""
    digests = {name: hashlib.new(name, usedforsecurity=False) for name in CHECKSUMS}
    with file.open("rb") as stream:
        while block := stream.read(1 << 20):
            for digest in digests.values():
                digest.update(block)
    return {name: digest.hexdigest() for name, digest in digests.items()}


def _write_checksums(file: Path) -> None:
    """Write a file's checksums beside it: hex digits alone, no newline, as Maven's own deployer does."""
    for name, digest in hashes(file).items():
        _write(file.with_name(f"{file.name}.{name}"), digest)


def write_version(at: Coordinates, repository: Path, fill: Callable[[Path], None], remedy: str) -> list[str]:
    """Write a version whole or not at all, with checksums, and list it; return all versions, oldest first.

    Args:
        at: what is written.
        repository: the repository's folder; other artifacts and versions in it stay.
        fill: writes the version's files into an empty folder.
        remedy: what to do where the version is there already with other bytes.

    Raises:
        InputError: it is.

    """
    target = at.folder(repository) / at.version
    with files.new_folder(target) as temporary:
        fill(temporary)
        for file in sorted(temporary.iterdir()):
            _write_checksums(file)
        if target.exists() and files.digests(target) != files.digests(temporary):
            raise InputError(f"{target}: is there already with other bytes. {remedy}")
    return list_versions(at, repository)


def list_versions(at: Coordinates, repository: Path) -> list[str]:
    """Write the list of the versions that lie there, oldest first, and return it."""
    folder = at.folder(repository)
    found = [path.name for path in folder.iterdir() if (path / f"{at.artifact}-{path.name}.pom").is_file()]
    versions = sorted(found, key=lambda version: (_order(version), version))
    rows = "\n".join(f"      <version>{escape(version)}</version>" for version in versions)
    _write(
        folder / METADATA,
        f"""<?xml version="1.0" encoding="UTF-8"?>
<metadata>
  <groupId>{escape(at.group)}</groupId>
  <artifactId>{escape(at.artifact)}</artifactId>
  <versioning>
    <latest>{escape(versions[-1])}</latest>
    <release>{escape(versions[-1])}</release>
    <versions>
{rows}
    </versions>
  </versioning>
</metadata>
""",
    )
    _write_checksums(folder / METADATA)
    return versions


def _write(file: Path, text: str) -> None:
    files.write_atomic(file, text)
    file.chmod(0o644)  # a repository is read by others too


def _order(version: str) -> list[tuple[int, int, str]]:
    """Return a key that sorts versions as Maven does.

    Numbers by value, words before nothing (1.0-rc1 before 1.0 before 1.0.1).

    maven.apache.org/pom.html, "Version Order Specification", as far as a recipe's versions go.
    """
    parts = re.findall(r"[0-9]+|[a-z]+", version.lower())
    keys = [(1, int(part), "") if part.isdigit() else (0, 0, part) for part in parts]
    # What is not there counts as 0, and a recipe's version has at most a handful of parts.
    return [*keys, *[(1, 0, "")] * (16 - len(keys))]
