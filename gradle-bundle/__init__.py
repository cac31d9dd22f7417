"""The Gradle project that carries a bundle into an app, and the Kotlin runtime that opens it there.

`pocketrag gradle` copies the template; the runtime goes into a Maven repository folder, compiled.
"""  # noqa: N999 - the folder's name.

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
    "rag-delivery/*.kts",
    "rag-delivery/src/main/**/*",
    "sample/*.kts",
    "sample/src/main/**/*",
)
#: The runtime; `make runtime` makes its classes of the sources. pyproject.toml packs these too.
RUNTIME = (
    "rag-runtime/classes.jar",
    "rag-runtime/*.pro",
    "rag-runtime/src/main/**/*",
)
ROOT = Path(__file__).parent
#: The one table of versions.
CATALOG = ROOT / "gradle" / "libs.versions.toml"
CLASSES = ROOT / "rag-runtime" / "classes.jar"
RULES = ROOT / "rag-runtime" / "consumer-rules.pro"
SOURCES = ROOT / "rag-runtime" / "src" / "main" / "kotlin"


def template() -> dict[str, Path]:
    """Return the template's files by their posix path in it, sorted."""
    return _found(TEMPLATE)


def runtime() -> dict[str, Path]:
    """Return the runtime's files by their posix path, sorted."""
    return _found(RUNTIME)


def _found(patterns: tuple[str, ...]) -> dict[str, Path]:
    found = {path for pattern in patterns for path in ROOT.glob(pattern) if path.is_file()}
    return {path.relative_to(ROOT).as_posix(): path for path in sorted(found)}
