"""Every command of the README is run, word for word, and its recipe is a recipe."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pocketrag.recipe import Recipe
from pocketrag.toml import tomllib
from pocketrag.verbs import VERBS
from tests.conftest import ROOT, make_bert, make_data

README = (ROOT / "README.md").read_text("utf-8")
COMMANDS = [line for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL) for line in block.splitlines() if line.strip()]
#: Run by what runs this test.
SELF = {"make test"}


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    """A place as the README assumes it: `my/app.toml` with data, and an embedder at ~/models (a tiny stand-in for the real one)."""
    home = tmp_path_factory.mktemp("home")
    make_bert(home / "models" / "embeddinggemma-300m", tokens=256)
    (home / "my").mkdir()
    make_data(home / "my", asked=3)
    (recipe,) = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    (home / "my" / "app.toml").write_text(recipe)
    return home


@pytest.mark.parametrize("command", [c for c in COMMANDS if c not in SELF])
def test_command(command, demo, home):
    bin_folder = str(Path(sys.executable).parent)
    env = {**os.environ, "PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}", "HOME": str(home)}
    cwd = home if "my/app.toml" in command else ROOT
    done = subprocess.run(["bash", "-c", command], cwd=cwd, env=env, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.strip() and "Traceback" not in done.stderr


def test_the_recipe_shown_is_one():
    (text,) = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    assert Recipe.model_validate(tomllib.loads(text)).model.base == "google/embeddinggemma-300m"


def test_every_verb_is_in_the_readme_or_the_flow():
    assert not [verb.name for verb in VERBS if verb.name not in README]


def test_every_make_target_is_shown_by_make(tmp_path):
    assert shutil.which("make")
    for target in ("demo", "test", "lint", "test-real"):
        done = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, target


def test_no_registry_host_and_no_path_of_this_machine_in_any_file():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    for name in listed:
        text = (ROOT / name).read_text("utf-8", "replace")
        for word in ("pypi" + ".org", "npm" + "js.org", "deb.deb" + "ian", "/ro" + "ot/", "/wo" + "rk/"):
            assert word not in text, f"{name}: {word}"
