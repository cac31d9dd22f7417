"""`make lint` sees across the packages: mypy finds what is planted in a copy of the tree, and nothing in the tree itself."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pocketrag.recipe.toml import read_toml
from tests.conftest import ROOT

# Both runs read one cache.
pytestmark = pytest.mark.xdist_group("types")

CALLED = "training/planted_called.py", "def halve(number: int) -> float:\n    return number / 2\n"
#: File -> its content, and the line that mypy has to write of it. `planted` is a folder that only the table of pyproject names.
PLANTS = {
    "bench/planted_import.py": (
        "import pocketrag.training.planted_missing\n",
        'error: Cannot find implementation or library stub for module named "pocketrag.training.planted_missing"  [import-not-found]',
    ),
    "export/planted_call.py": (
        'from pocketrag.training.planted_called import halve\n\nhalve("2")\n',
        'error: Argument 1 to "halve" has incompatible type "str"; expected "int"  [arg-type]',
    ),
    "pocketrag/planted_call.py": (
        "from pocketrag.training.planted_called import halve\n\nhalve(2, 3)\n",
        'error: Too many arguments for "halve"  [call-arg]',
    ),
    "ingest/planted_name.py": (
        "from pocketrag.training.planted_called import thirds\n",
        'error: Module "pocketrag.training.planted_called" has no attribute "thirds"  [attr-defined]',
    ),
    "planted/__init__.py": (
        "from pocketrag import planted_missing\n",
        'error: Module "pocketrag" has no attribute "planted_missing"  [attr-defined]',
    ),
}
TABLE = "[tool.setuptools.package-dir]\n"


def others(folder: str, names: list[str]) -> set[str]:
    return {name for name in names if not (name.endswith(".py") or (Path(folder) / name).is_dir())}


@pytest.fixture
def tree(tmp_path) -> Path:
    for top in {
        Path(folder).parts[0]
        for folder in read_toml(ROOT / "pyproject.toml")["tool"]["setuptools"]["package-dir"].values()
    }:
        shutil.copytree(ROOT / top, tmp_path / top, ignore=others)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def lint(tree: Path) -> tuple[int, str]:
    # What `make lint` runs, on another tree and with the cache of this one: torch alone takes a minute to read.
    (command,) = re.findall(
        r"^\t\$\(BIN\)/python (tools/typecheck\.py)$", (ROOT / "Makefile").read_text("utf-8"), re.M
    )
    done = subprocess.run(
        [sys.executable, ROOT / command, tree],
        env={**os.environ, "MYPY_CACHE_DIR": str(ROOT / ".mypy_cache")},
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout


def test_the_tree_passes(tree):
    code, said = lint(tree)
    assert code == 0, said


def test_what_is_planted_is_found_and_nothing_else(tree):
    for file, content in [CALLED, *((file, content) for file, (content, _) in PLANTS.items())]:
        (tree / file).parent.mkdir(exist_ok=True)
        (tree / file).write_text(content, "utf-8")
    project = (tree / "pyproject.toml").read_text("utf-8")
    (tree / "pyproject.toml").write_text(
        project.replace(TABLE, f'{TABLE}"pocketrag.planted" = "planted"\n'), "utf-8"
    )
    code, said = lint(tree)
    assert code == 1, said
    found = [line.split(":", 2) for line in said.splitlines() if " error: " in line]
    assert sorted((file, rest.strip()) for file, _, rest in found) == sorted(
        (file, line) for file, (_, line) in PLANTS.items()
    ), said
