"""A Maven repository folder: POM, Gradle Module Metadata, the list of versions, and their checksums.

Sources: maven.apache.org/repository/layout.html (paths, checksum files); maven.apache.org/pom.html; Gradle
Module Metadata 1.1 (gradle/gradle,
platforms/documentation/docs/src/docs/design/gradle-module-metadata-latest-specification.md);
maven.apache.org/ref/3.9.9/maven-repository-metadata/repository-metadata.html, whose `lastUpdated` is left
out: the same input shall give the same bytes.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from pocketrag.formats import files

CHECKSUMS = ("md5", "sha1", "sha256", "sha512")
#: Gradle reads the module file only where the POM says this (gradle/gradle, `MetaDataParser`).
MARKER = "do_not_remove: published-with-gradle-metadata"
METADATA = "maven-metadata.xml"
#: What both variants of an AAR say in their module file, as AGP publishes it; the values are those of the
#: specification.
ATTRIBUTES = {
    "org.gradle.category": "library",
    "org.gradle.dependency.bundling": "external",
    "org.gradle.libraryelements": "aar",
}
USAGES = {"releaseApiElements": "java-api", "releaseRuntimeElements": "java-runtime"}


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
        """Return the name of the version's file with this ending."""
        return f"{self.artifact}-{self.version}.{ending}"


def hashes(file: Path) -> dict[str, str]:
    """Return a file's checksums as hex digits, by the ending that Maven gives them."""
    digests = {name: hashlib.new(name, usedforsecurity=False) for name in CHECKSUMS}
    with file.open("rb") as stream:
        while block := stream.read(1 << 20):
            for digest in digests.values():
                digest.update(block)
    return {name: digest.hexdigest() for name, digest in digests.items()}


def write_checksums(file: Path) -> None:
    """Write a file's checksums beside it: hex digits alone, no newline, as Maven's own deployer does."""
    for name, digest in hashes(file).items():
        _write(file.with_name(f"{file.name}.{name}"), digest)


def pom(at: Coordinates, description: str, licence: str) -> str:
    """Return the POM of an AAR without dependencies."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<project xmlns="http://maven.apache.org/POM/4.0.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" \
xsi:schemaLocation="http://maven.apache.org/POM/4.0.0 http://maven.apache.org/xsd/maven-4.0.0.xsd">
  <!-- {MARKER} -->
  <modelVersion>4.0.0</modelVersion>
  <groupId>{escape(at.group)}</groupId>
  <artifactId>{escape(at.artifact)}</artifactId>
  <version>{escape(at.version)}</version>
  <packaging>aar</packaging>
  <name>{escape(at.artifact)}</name>
  <description>{escape(description)}</description>
  <licenses>
    <license>
      <name>{escape(licence)}</name>
      <comments>Of the embedding model; NOTICE in the bundle has all of them.</comments>
    </license>
  </licenses>
</project>
"""


def module(at: Coordinates, artifact: Path) -> str:
    """Return the Gradle Module Metadata of an AAR without dependencies.

    One file, for compiling and for running.
    """
    file = {"name": artifact.name, "url": artifact.name, "size": artifact.stat().st_size, **hashes(artifact)}
    variants = [_variant(name, usage, file) for name, usage in USAGES.items()]
    component = {
        "group": at.group,
        "module": at.artifact,
        "version": at.version,
        "attributes": {"org.gradle.status": "release"},
    }
    return files.to_json({"formatVersion": "1.1", "component": component, "variants": variants})


def _variant(name: str, usage: str, file: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "attributes": {**ATTRIBUTES, "org.gradle.usage": usage}, "files": [file]}


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
    write_checksums(folder / METADATA)
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
