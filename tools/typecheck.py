"""Type-check the package as it is installed: `python tools/typecheck.py [ROOT]`, the exit code is mypy's.

The folders at the top are installed as `pocketrag.training` and so on, a mapping that mypy does not know: it
would take every import of them for a missing third party. So it gets a tree of links in `build/types`, made
from the same table of pyproject.toml that setuptools installs by.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


def link(root: Path, types: Path) -> None:
    """Make `types` anew: every package of `[tool.setuptools.package-dir]` under its installed name."""
    shutil.rmtree(types, ignore_errors=True)
    table = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["package-dir"]
    for name, folder in sorted(table.items()):  # parents come before their children
        place = types.joinpath(*name.split("."))
        if place.exists():  # by the link of its parent
            continue
        if any(
            other.startswith(f"{name}.") and not (root / table[other]).is_relative_to(root / folder)
            for other in table
        ):
            place.mkdir(parents=True)  # other folders go into it, and the source tree stays as it is
            for entry in (root / folder).iterdir():
                (place / entry.name).symlink_to(entry)
        else:
            place.symlink_to(root / folder)


def check(root: Path) -> int:
    """Run mypy on the links and print its report with the paths of the sources; return its exit code."""
    types = root / "build" / "types"
    link(root, types)
    done = subprocess.run(  # noqa: S603 - our own arguments, no shell
        [sys.executable, "-m", "mypy", "--config-file", str(root / "pyproject.toml"), "-p", "pocketrag"],
        cwd=types,  # before any folder that is called the same
        env={"MYPY_CACHE_DIR": str(root / ".mypy_cache"), **os.environ},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    for line in done.stdout.splitlines():
        path, colon, rest = line.partition(":")
        source = (types / path).resolve()
        shown = str(source.relative_to(root)) if colon and source.is_file() else path
        sys.stdout.write(f"{shown}{colon}{rest}\n")
    return done.returncode


if __name__ == "__main__":
    sys.exit(check(Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()))
