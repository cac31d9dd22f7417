"""The wheel alone: what of ours it holds, and that every verb works from it, installed where no checkout is.

Its dependencies are those of this environment; .github/workflows/wheel.yml installs them with each extra.
"""

import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from fnmatch import fnmatch
from pathlib import Path

import pytest

from pocketrag.cli.verbs import VERBS
from pocketrag.recipe.toml import tomllib
from tests.conftest import ROOT, once
from tests.wheels import build_wheel, tracked

SETUP = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
FOLDERS = SETUP["tool"]["setuptools"]["package-dir"]
#: The folders of the tree -> the package that they are in the wheel.
TOPS = {folder: name.replace(".", "/") for name, folder in FOLDERS.items() if "/" not in folder}
#: What lies in these folders and does not go into a wheel: nothing reads it at run time.
NOT_RUN = {
    "android_assets/README.md": "a guide; `pocketrag` does not read it",
    "android_assets/screens/*": "its pictures",
    "bench/suite/*": "the benchmarks of `make bench`",
    "gradle-bundle/*/api/*.api": "the public API of the Kotlin, for a test",
}
#: Prints the place of every module of ours once all verbs' modules are imported.
IMPORT_ALL = f"""
import importlib, json, sys
for name in {sorted({verb.module for verb in VERBS})!r}:
    importlib.import_module(name)
print(json.dumps({{n: m.__file__ for n, m in sys.modules.items() if n.split(".")[0] == "pocketrag"}}))
"""


@pytest.fixture(scope="session")
def wheel(tmp_path_factory) -> Path:
    folder = once(tmp_path_factory, "wheel", build_wheel)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="session")
def installed(tmp_path_factory, wheel) -> Path:
    """A fresh venv with the wheel, without its dependencies, that also sees this environment's packages but not the checkout."""

    def make(folder):
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
        place = sysconfig.get_path("purelib", "venv", {"base": str(folder), "platbase": str(folder)})
        command = [sys.executable, "-m", "pip", "--python", folder / "bin" / "python", "install"]
        subprocess.run([*command, "--quiet", "--no-deps", "--no-index", wheel], check=True)
        # Only this line, not the .pth files of the place that it names: one of those leads to the checkout.
        Path(place, "packages.pth").write_text(sysconfig.get_path("purelib") + "\n")

    # A venv does not stand a rename: its scripts name their Python.
    folder = tmp_path_factory.mktemp("installed") / "venv"
    make(folder)
    return folder


@pytest.fixture
def pocketrag(installed, tmp_path):
    """Run the installed command in a folder that holds nothing of ours."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}

    def run(*arguments):
        return subprocess.run(
            [installed / "bin" / "pocketrag", *map(str, arguments)],
            cwd=tmp_path, env=env, capture_output=True, text=True, timeout=600,
        )  # fmt: skip

    return run


def in_wheel(name: str) -> str:
    top = name.split("/")[0]
    return TOPS[top] + name.removeprefix(top)


def test_it_holds_every_file_of_ours_that_is_read_and_nothing_else(wheel):
    with zipfile.ZipFile(wheel) as archive:
        packed = {
            name: archive.read(name) for name in archive.namelist() if not name.split("/")[0].endswith("info")
        }
        information = {name.split("/", 1)[1] for name in archive.namelist()} - {
            name.split("/", 1)[1] for name in packed
        }
    wanted = {name for name in tracked(*TOPS) if not any(fnmatch(name, pattern) for pattern in NOT_RUN)}
    assert {in_wheel(name) for name in wanted} == set(packed)
    for name in wanted:
        assert packed[in_wheel(name)] == (ROOT / name).read_bytes(), name
    assert information == {
        "METADATA",
        "RECORD",
        "WHEEL",
        "entry_points.txt",
        "licenses/LICENSE",
        "top_level.txt",
    }


def test_what_is_left_out_is_still_there():
    listed = tracked(*TOPS)
    for pattern in NOT_RUN:
        assert any(fnmatch(name, pattern) for name in listed), pattern


def test_it_runs_away_from_the_checkout(pocketrag, tmp_path):
    done = pocketrag("--help")
    assert done.returncode == 0 and all(verb.name in done.stdout for verb in VERBS), done.stderr
    key = pocketrag("recipe", "train.method")
    assert key.returncode == 0 and "qlora" in key.stdout, key.stderr
    begun = pocketrag("init", "my", "--json")
    assert begun.returncode == 0, begun.stderr
    assert (tmp_path / json.loads(begun.stdout)["recipe"]).is_file()


def test_every_verbs_module_comes_from_the_wheel(installed, tmp_path):
    done = subprocess.run(
        [installed / "bin" / "python", "-I", "-c", IMPORT_ALL],
        cwd=tmp_path, capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    places = json.loads(done.stdout.splitlines()[-1])
    assert {verb.module for verb in VERBS} <= places.keys()
    assert [name for name, file in places.items() if installed not in Path(file).parents] == []


def test_a_bundle_goes_from_the_wheel_into_an_app(pocketrag, tiny_bundle, tmp_path):
    """SQL, templates, Kotlin and archives are read from the wheel."""
    for command in (
        ("verify", tiny_bundle),
        ("search", tiny_bundle, "what moves if king 0 meets rook"),
        ("report", tiny_bundle, "--out", tmp_path / "page.html"),
        ("aar", tiny_bundle, "--out", tmp_path / "maven"),
        ("gradle", tiny_bundle, "--out", tmp_path / "app"),
        ("traits", "--help"),
    ):
        done = pocketrag(*command)
        assert done.returncode == 0 and "Traceback" not in done.stderr, (command, done.stderr)
    assert "<style>" in (tmp_path / "page.html").read_text("utf-8")
    assert (
        list((tmp_path / "maven").rglob("rag-runtime-*.aar"))
        and (tmp_path / "app" / "settings.gradle.kts").is_file()
    )
