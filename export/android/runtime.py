"""`dev.pocketrag:rag-runtime`: the Kotlin runtime as an AAR with its sources, and what it needs of others.

An app takes it with one line and compiles nothing of ours.
"""

from __future__ import annotations

import functools
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pocketrag.gradle_bundle import CATALOG, CLASSES, RULES, SOURCES

from pocketrag.recipe.toml import read_toml

from . import archive
from .descriptors import Dependency, Licence, module, pom
from .maven import Coordinates, write_version

#: The Android package of the archive.
NAMESPACE = "dev.pocketrag.runtime"
#: What litert-api depends on for the sake of `ModelProvider` and `AiPackModelProvider` alone: Play's pack
#: library, which is proprietary, Guava, lifecycle, and coroutines' bridges to them. The runtime opens models
#: from files and calls neither. Read from google-ai-edge/LiteRT at f677457 (2026-08-21): `LITERT_KOTLIN_DEPS`
#: of litert/kotlin/BUILD, and the imports below litert/kotlin/src/main/kotlin.
WITHOUT = (
    ("com.google.android.play", "*"),
    ("com.google.android.gms", "*"),
    ("com.google.guava", "*"),
    ("androidx.lifecycle", "*"),
    ("org.jetbrains.kotlinx", "kotlinx-coroutines-guava"),
    ("org.jetbrains.kotlinx", "kotlinx-coroutines-play-services"),
)
#: What AGP writes of a library that asks its apps for nothing; AGP's check reads it before an app is built.
#: As public reports quote it from published AARs (media3 1.9.4, but for its newer minCompileSdk).
AAR_METADATA = "META-INF/com/android/build/gradle/aar-metadata.properties"
ASKS_FOR_NOTHING = b"""aarFormatVersion=1.0
aarMetadataVersion=1.0
minCompileSdk=1
minCompileSdkExtension=0
minAndroidGradlePluginVersion=1.0.0
coreLibraryDesugaringEnabled=false
"""


@dataclass(frozen=True)
class Needed:
    """A library of the catalog that the runtime needs; the other two as `Dependency` has them."""

    library: str
    api: bool
    without: tuple[tuple[str, str], ...] = ()


NEEDED = (
    Needed("kotlin-stdlib", api=True),
    Needed("litert", api=False, without=WITHOUT),
    Needed("sqlite-bundled", api=False),
)


@functools.cache
def coordinates() -> Coordinates:
    """Return the runtime's group, name and version."""
    return _of_catalog("rag-runtime")


@functools.cache
def dependencies() -> tuple[Dependency, ...]:
    """Return what an app gets with the runtime."""
    return tuple(Dependency(_of_catalog(row.library), row.api, row.without) for row in NEEDED)


def publish(repository: Path) -> Coordinates:
    """Write the runtime to a Maven repository folder, the same bytes each time.

    Raises:
        InputError: its version is there already with other bytes.

    """
    write_version(
        coordinates(),
        repository,
        _fill,
        "Another pocketrag wrote it: remove that folder, or choose another --out.",
    )
    return coordinates()


def _of_catalog(library: str) -> Coordinates:
    catalog: dict[str, Any] = read_toml(CATALOG)
    row = catalog["libraries"][library]
    return Coordinates(row["group"], row["name"], catalog["versions"][row["version"]["ref"]])


def _fill(folder: Path) -> None:
    at = coordinates()
    aar, sources = folder / at.file(".aar"), folder / at.file("-sources.jar")
    _archive(aar)
    _sources(sources)
    licence = Licence("Apache-2.0", "Of the runtime; its dependencies have their own.")
    description = "Opens and searches a pocketrag bundle on Android, offline."
    (folder / at.file(".pom")).write_text(pom(at, description, licence, dependencies()), "utf-8")
    (folder / at.file(".module")).write_text(module(at, aar, sources, dependencies()), "utf-8")


def _archive(file: Path) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as made:
        archive.add(made, "AndroidManifest.xml", archive.manifest(NAMESPACE))
        archive.add(made, "classes.jar", CLASSES.read_bytes())
        archive.add(made, "R.txt", b"")
        archive.add(made, "proguard.txt", RULES.read_bytes())
        archive.add(made, AAR_METADATA, ASKS_FOR_NOTHING)


def _sources(file: Path) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as made:
        for path in sorted(SOURCES.rglob("*.kt")):
            archive.add(made, path.relative_to(SOURCES).as_posix(), path.read_bytes())
