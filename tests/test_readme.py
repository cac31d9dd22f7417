"""Every command of the README is run, word for word (see also test_readme_own), and its recipe is a recipe."""

import re
import shutil
import subprocess

import pytest

from pocketrag.cli.verbs import VERBS
from pocketrag.recipe.recipe import Recipe
from pocketrag.recipe.toml import tomllib
from tests.conftest import ROOT
from tests.readme import COMMANDS, OWN, README, make_home, run

#: Run by what runs this test.
SELF = {"make test"}
#: Run by tests/serve/test_documented_commands.py: what serves does not end by itself, what needs npm may skip.
SERVE = "pocketrag serve "


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return make_home(tmp_path_factory.mktemp("home"))


@pytest.mark.parametrize(
    "command", [c for c in COMMANDS if c not in SELF and c not in OWN and not c.startswith(SERVE)]
)
def test_command(command, demo, home):
    run(command, ROOT, home)


def test_the_recipe_shown_is_one():
    (text,) = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    assert Recipe.model_validate(tomllib.loads(text)).model.base == "google/embeddinggemma-300m"


def test_every_verb_is_in_the_readme_or_the_flow():
    assert not [verb.name for verb in VERBS if verb.name not in README]


def test_every_make_target_is_shown_by_make(tmp_path):
    assert shutil.which("make")
    for target in ("demo", "test", "test-all", "test-fast", "lint", "test-real"):
        done = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, target


def test_no_registry_host_and_no_path_of_this_machine_in_any_file():
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    for name in listed:
        text = (ROOT / name).read_text("utf-8", "replace")
        for word in ("pypi" + ".org", "npm" + "js.org", "deb.deb" + "ian", "/ro" + "ot/", "/wo" + "rk/"):
            assert word not in text, f"{name}: {word}"
