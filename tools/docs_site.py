"""Write the sources of the documentation site into `build/docs`: `python tools/docs_site.py`.

`make docs` renders them.

The site has the shape of the repository (`README.md` at the top, `docs/`, `android_assets/README.md`), so a
relative link leads to the same place here and on a forge. The reference has a page a module, made of
docstrings, which mkdocstrings reads from the sources without importing them; it finds them in
`build/reference`, under the names by which they are imported.
"""

from __future__ import annotations

import ast
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

#: Pages, and what pages link to.
PAGES = (
    "*.md",
    "LICENSE",
    "docs/**/*",
    "android_assets/*.md",
    "android_assets/*.sql",
    "android_assets/screens/*.png",
    "gradle-bundle/*.md",
    "examples/*.yml",
    "examples/*/*.md",
)


def write(root: Path, site: Path, sources: Path) -> None:
    """Make the site's pages in `site` and the tree of modules in `sources` anew."""
    for folder in (site, sources):
        shutil.rmtree(folder, ignore_errors=True)
    for glob in PAGES:
        for file in root.glob(glob):
            if file.is_file():
                link(file, site / file.relative_to(root))
    found = dict(sorted(modules(root)))
    for name, file in found.items():
        inside = name.split(".") + ["__init__"] * (file.stem == "__init__")
        link(file, sources.joinpath(*inside).with_suffix(".py"))
        page = site / "reference" / f"{name}.md"
        page.parent.mkdir(exist_ok=True)
        page.write_text(f"# `{name}`\n\n::: {name}\n", "utf-8")
    (site / "reference" / "index.md").write_text(index(found), "utf-8")


def link(file: Path, place: Path) -> None:
    """Put a link to the file there. Folders are real ones.

    What reads the tree need not follow links of folders.
    """
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(file)


def modules(root: Path) -> Iterator[tuple[str, Path]]:
    """Yield every installed module by the name that it is imported by, with its file."""
    setup = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]
    for package in setup["packages"]:
        for file in folder_of(package, root, setup["package-dir"]).glob("*.py"):
            yield package if file.stem == "__init__" else f"{package}.{file.stem}", file


def folder_of(package: str, root: Path, table: dict[str, str]) -> Path:
    """Return a package's folder, by itself or by the nearest parent that setuptools' table names."""
    if package in table:
        return root / table[package]
    parent, _, name = package.rpartition(".")
    return folder_of(parent, root, table) / name


def index(found: dict[str, Path]) -> str:
    """Return the reference's first page: each module with the first line of its docstring."""
    lines = ["# Reference", "", "Every module, made of its docstrings.", "", "| module | |", "|---|---|"]
    for name, file in found.items():
        about = (ast.get_docstring(ast.parse(file.read_text("utf-8"))) or "").splitlines()[:1]
        lines.append(f"| [`{name}`]({name}.md) | {''.join(about).replace('|', chr(92) + '|')} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    ROOT = Path(__file__).resolve().parents[1]
    write(ROOT, ROOT / "build" / "docs", ROOT / "build" / "reference")
