"""What a Maven repository says of a version: its POM, and Gradle's module metadata.

Sources: maven.apache.org/pom.html; Gradle Module Metadata 1.1 (gradle/gradle,
platforms/documentation/docs/src/docs/design/gradle-module-metadata-latest-specification.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from pocketrag.formats import files

from .maven import Coordinates, hashes

#: Gradle reads the module file only where the POM says this (gradle/gradle, `MetaDataParser`).
MARKER = "do_not_remove: published-with-gradle-metadata"
#: What all variants of an AAR say in their module file, as AGP publishes it; the values are those of the
#: specification.
LIBRARY = {
    "org.gradle.category": "library",
    "org.gradle.dependency.bundling": "external",
    "org.gradle.libraryelements": "aar",
}
#: Variant -> what it is for; an app compiles against the first and carries the second.
USAGES = {"releaseApiElements": "java-api", "releaseRuntimeElements": "java-runtime"}
SOURCES = {
    "org.gradle.category": "documentation",
    "org.gradle.dependency.bundling": "external",
    "org.gradle.docstype": "sources",
    "org.gradle.usage": "java-runtime",
}


@dataclass(frozen=True)
class Licence:
    """A licence's name, and what it is the licence of."""

    name: str
    comment: str


@dataclass(frozen=True)
class Dependency:
    """Another artifact that an app gets with ours.

    `api`: its types stand in our public API, so that whoever compiles against ours needs it too. `without`:
    (group, module) of what it would bring and what is left out, "*" for all of a group.
    """

    at: Coordinates
    api: bool
    without: tuple[tuple[str, str], ...] = ()

    @property
    def scope(self) -> str:
        """Maven's name for when it is needed."""
        return "compile" if self.api else "runtime"


def pom(at: Coordinates, description: str, licence: Licence, dependencies: Sequence[Dependency] = ()) -> str:
    """Return the POM of an AAR."""
    needed = "".join(map(_dependency, dependencies))
    listed = f"  <dependencies>\n{needed}  </dependencies>\n" if needed else ""
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
      <name>{escape(licence.name)}</name>
      <comments>{escape(licence.comment)}</comments>
    </license>
  </licenses>
{listed}</project>
"""


def _dependency(row: Dependency) -> str:
    without = "".join(
        f"""        <exclusion>
          <groupId>{escape(group)}</groupId>
          <artifactId>{escape(module)}</artifactId>
        </exclusion>
"""
        for group, module in row.without
    )
    exclusions = f"      <exclusions>\n{without}      </exclusions>\n" if without else ""
    return f"""    <dependency>
      <groupId>{escape(row.at.group)}</groupId>
      <artifactId>{escape(row.at.artifact)}</artifactId>
      <version>{escape(row.at.version)}</version>
      <scope>{row.scope}</scope>
{exclusions}    </dependency>
"""


def module(
    at: Coordinates, archive: Path, sources: Path | None = None, dependencies: Sequence[Dependency] = ()
) -> str:
    """Return the Gradle Module Metadata of an AAR, and of the JAR of its sources where there is one."""
    variants = [
        _variant(name, {**LIBRARY, "org.gradle.usage": usage}, archive, _needed(usage, dependencies))
        for name, usage in USAGES.items()
    ]
    if sources is not None:
        variants.append(_variant("releaseSourcesElements", SOURCES, sources, []))
    component = {
        "group": at.group,
        "module": at.artifact,
        "version": at.version,
        "attributes": {"org.gradle.status": "release"},
    }
    return files.to_json({"formatVersion": "1.1", "component": component, "variants": variants})


def _needed(usage: str, dependencies: Sequence[Dependency]) -> list[dict[str, Any]]:
    return [
        {
            "group": row.at.group,
            "module": row.at.artifact,
            "version": {"requires": row.at.version},
            **(
                {"excludes": [{"group": group, "module": module} for group, module in row.without]}
                if row.without
                else {}
            ),
        }
        for row in dependencies
        if row.api or usage == "java-runtime"
    ]


def _variant(
    name: str, attributes: dict[str, str], file: Path, dependencies: list[dict[str, Any]]
) -> dict[str, Any]:
    row = {"name": file.name, "url": file.name, "size": file.stat().st_size, **hashes(file)}
    needed = {"dependencies": dependencies} if dependencies else {}
    return {"name": name, "attributes": attributes, **needed, "files": [row]}
