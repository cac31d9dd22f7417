"""The Kotlin libraries as AARs with their sources, and what each needs of others.

An app takes each with one line and compiles nothing of ours.
"""

from __future__ import annotations

import functools
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pocketrag.gradle_bundle import CATALOG, rules, sources
from pocketrag.gradle_bundle import archive as shipped

from pocketrag.recipe.toml import read_toml

from . import archive
from .descriptors import Dependency, Licence, module, pom
from .maven import Coordinates, write_version

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
    """A library of the catalog that one of ours needs; the other two as `Dependency` has them."""

    library: str
    api: bool
    without: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Library:
    """A library of ours: its folder in gradle-bundle and name in the catalog, and its Android package."""

    name: str
    namespace: str
    description: str
    needed: tuple[Needed, ...]


#: The public API of both shows Kotlin's and coroutines' types.
KOTLIN = (Needed("kotlin-stdlib", api=True), Needed("coroutines", api=True))
RUNTIME = Library(
    "rag-runtime",
    "dev.pocketrag.runtime",
    "Opens and searches a pocketrag bundle on Android, offline.",
    (
        *KOTLIN,
        Needed("annotation", api=True),
        # `RagOptions.environment` is one of its types. What `litert` brings of it must leave out the same.
        Needed("litert-api", api=True, without=WITHOUT),
        Needed("litert", api=False, without=WITHOUT),
        Needed("sqlite-bundled", api=False),
    ),
)
DELIVERY = Library(
    "rag-delivery",
    "dev.pocketrag.delivery",
    "Downloads the pack of a pocketrag bundle through Google Play.",
    (
        *KOTLIN,
        Needed("rag-runtime", api=True),
        Needed("ai-delivery", api=True),
        Needed("activity", api=True),
    ),
)
#: Apart, since LiteRT-LM adds tens of megabytes of native code, and asks for a newer Kotlin than the others.
ANSWER = Library(
    "rag-answer",
    "dev.pocketrag.answer",
    "Answers questions from a pocketrag bundle with a language model on the phone.",
    (
        *KOTLIN,
        Needed("rag-runtime", api=True),
        Needed("litertlm", api=False),
    ),
)
LIBRARIES = (RUNTIME, DELIVERY, ANSWER)


@functools.cache
def coordinates(library: Library = RUNTIME) -> Coordinates:
    """Return a library's group, name and version."""
    return _of_catalog(library.name)


@functools.cache
def dependencies(library: Library = RUNTIME) -> tuple[Dependency, ...]:
    """Return what an app gets with a library."""
    return tuple(Dependency(_of_catalog(row.library), row.api, row.without) for row in library.needed)


def publish(repository: Path) -> None:
    """Write all of them to a Maven repository folder, the same bytes each time.

    Raises:
        InputError: one of this version is there already with other bytes.

    """
    remedy = "Another pocketrag wrote it: remove that folder, or choose another --out."
    for library in LIBRARIES:
        write_version(coordinates(library), repository, functools.partial(_fill, library), remedy)


def write_archive(library: Library, classes: bytes, file: Path) -> None:
    """Write a library's AAR, which is committed: deflated anew by another zlib it would have other bytes.

    Args:
        library: whose it is.
        classes: the JAR of its classes.
        file: the AAR.

    """
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as made:
        archive.add(made, "AndroidManifest.xml", archive.manifest(library.namespace))
        archive.add_deflated(made, "classes.jar", classes)
        archive.add(made, "R.txt", b"")
        if rules(library.name).exists():
            archive.add(made, "proguard.txt", rules(library.name).read_bytes())
        archive.add(made, AAR_METADATA, ASKS_FOR_NOTHING)


@functools.cache
def _catalog() -> dict[str, Any]:
    return read_toml(CATALOG)


def _of_catalog(library: str) -> Coordinates:
    row = _catalog()["libraries"][library]
    return Coordinates(row["group"], row["name"], _catalog()["versions"][row["version"]["ref"]])


def _fill(library: Library, folder: Path) -> None:
    at, needed = coordinates(library), dependencies(library)
    aar, jar = folder / at.file(".aar"), folder / at.file("-sources.jar")
    shutil.copyfile(shipped(library.name), aar)
    _sources(library, jar)
    licence = Licence("Apache-2.0", "Of this library; its dependencies have their own.")
    (folder / at.file(".pom")).write_text(pom(at, library.description, licence, needed), "utf-8")
    (folder / at.file(".module")).write_text(module(at, aar, jar, needed), "utf-8")


def _sources(library: Library, file: Path) -> None:
    root = sources(library.name)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as made:
        for path in sorted(root.rglob("*.kt")):
            archive.add(made, path.relative_to(root).as_posix(), path.read_bytes())
