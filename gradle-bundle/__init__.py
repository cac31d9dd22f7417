"""The Gradle project that carries a bundle into an app, and the Kotlin libraries that open it there.

`pocketrag gradle` copies the template; the libraries go into a Maven repository folder, compiled.
"""  # noqa: N999 - the folder's name.

import zipfile
from pathlib import Path

#: What belongs to the template; a build's leavings (`build/`, `.gradle/`, `local.properties`) do not.
TEMPLATE = (
    ".gitignore",
    "README.md",
    "*.kts",
    "gradle.properties",
    "gradle/*.toml",
    "rag-assets/*.kts",
    "rag-edge-sdk/*.kts",
    "rag-edge-sdk/src/main/**/*",
    "sample/*.kts",
    "sample/src/*/**/*",
)
#: The libraries; `make runtime` makes their archives of the sources. pyproject.toml packs these too.
LIBRARIES = (
    "rag-runtime/*.aar",
    "rag-runtime/*.pro",
    "rag-runtime/src/main/**/*",
    "rag-delivery/*.aar",
    "rag-delivery/src/main/**/*",
    "rag-answer/*.aar",
    "rag-answer/src/main/**/*",
)
ROOT = Path(__file__).parent
#: The one table of versions.
CATALOG = ROOT / "gradle" / "libs.versions.toml"


def template() -> dict[str, Path]:
    """Return the template's files by their posix path in it, sorted."""
    return _found(TEMPLATE)


def libraries() -> dict[str, Path]:
    """Return the libraries' files by their posix path, sorted."""
    return _found(LIBRARIES)


def archive(library: str) -> Path:
    """Return the AAR of a library ("rag-runtime"), which is published as it is."""
    return ROOT / library / f"{library}.aar"


def classes(library: str) -> bytes:
    """Return the JAR of a library's classes, out of its AAR."""
    with zipfile.ZipFile(archive(library)) as made:
        return made.read("classes.jar")


def rules(library: str) -> Path:
    """Return the rules for R8 that apps take over with a library; not every one has some."""
    return ROOT / library / "consumer-rules.pro"


def sources(library: str) -> Path:
    """Return the folder of a library's Kotlin."""
    return ROOT / library / "src" / "main" / "kotlin"


def _found(patterns: tuple[str, ...]) -> dict[str, Path]:
    found = {path for pattern in patterns for path in ROOT.glob(pattern) if path.is_file()}
    return {path.relative_to(ROOT).as_posix(): path for path in sorted(found)}
