"""The Gradle project that carries a bundle into an app.

The template that `pocketrag gradle` copies.
"""  # noqa: N999 - the folder's name.

from pathlib import Path

#: What belongs to the template; a build's leavings (`build/`, `.gradle/`, `local.properties`) do not.
#: pyproject.toml has the same.
TEMPLATE = (
    ".gitignore",
    "README.md",
    "*.kts",
    "gradle.properties",
    "gradle/*.toml",
    "rag-assets/*.kts",
    "rag-runtime/*.kts",
    "rag-runtime/*.pro",
    "rag-runtime/src/main/**/*",
    "rag-edge-sdk/*.kts",
    "rag-edge-sdk/src/main/**/*",
    "rag-delivery/*.kts",
    "rag-delivery/src/main/**/*",
    "sample/*.kts",
    "sample/src/main/**/*",
)


def template() -> dict[str, Path]:
    """Return the template's files by their posix path in it, sorted."""
    root = Path(__file__).parent
    found = {path for pattern in TEMPLATE for path in root.glob(pattern) if path.is_file()}
    return {path.relative_to(root).as_posix(): path for path in sorted(found)}
