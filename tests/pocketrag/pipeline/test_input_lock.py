"""The lock beside a recipe: what a build was made from, and what `build --locked` refuses."""

import json
import shutil
from importlib import metadata
from pathlib import Path

import pytest

from pocketrag.recipe.toml import read_toml
from tests.builds import build, edit
from tests.conftest import cli

LOCK = "tiny.lock.json"


def written(folder):
    return json.loads((folder / LOCK).read_text())


def test_a_build_writes_what_it_was_made_from(built):
    lock = written(built)
    assert {"data.corpus", "data.queries", "data.qrels"} <= lock["files"].keys()
    assert lock["models"].keys() == {"model.base"} and len(lock["models"]["model.base"]["digest"]) == 64
    assert lock["packages"]["torch"] == metadata.version("torch") and "pytest" not in lock["packages"]
    assert str(built) not in json.dumps(lock), "no path of this machine"


def test_unchanged_inputs_pass_and_nothing_is_written(built):
    before = (built / LOCK).stat().st_mtime_ns
    done = build(built, "--locked")
    assert done.returncode == 0, done.stderr
    assert (built / LOCK).stat().st_mtime_ns == before


def test_every_difference_is_named_and_nothing_is_built(built):
    lock = written(built)
    lock["packages"] |= {"torch": "1.0.0", "gone": "3"}
    lock["python"] = "3.9"
    (built / LOCK).write_text(json.dumps(lock))
    with (built / "queries.jsonl").open("a") as file:
        file.write("\n")
    base = read_toml(built / "tiny.toml")["model"]["base"]
    other = Path(shutil.copytree(base, built / "other"))
    (other / "config.json").write_text((other / "config.json").read_text() + "\n")
    edit(built / "tiny.toml", base, str(other))
    bundle = sorted((built / "out" / "tiny").iterdir())
    done = build(built, "--locked")
    assert done.returncode == 2 and "Traceback" not in done.stderr
    for word in ("5 of the inputs", LOCK, "Python: locked 3.9", "`data.queries`: locked sha256", "gone: locked 3, here none",
                 "`model.base`: locked", "torch: locked 1.0.0", "without --locked"):  # fmt: skip
        assert word in done.stderr, word
    assert "running" not in done.stderr and sorted((built / "out" / "tiny").iterdir()) == bundle


def test_without_the_option_the_lock_follows(built):
    with (built / "queries.jsonl").open("a") as file:
        file.write("\n")
    before = written(built)["files"]["data.queries"]
    assert build(built).returncode == 0
    assert written(built)["files"]["data.queries"] != before
    assert build(built, "--locked").returncode == 0


@pytest.mark.parametrize("text", [None, "", "{", "[]", '{"lock": 2}', '{"lock": 1, "files": 3}'])
def test_no_lock_or_a_damaged_one_is_a_clear_word(built, text):
    file = built / LOCK
    file.unlink() if text is None else file.write_text(text)
    done = build(built, "--locked")
    assert done.returncode == 2 and LOCK in done.stderr and "without --locked" in done.stderr
    assert "Traceback" not in done.stderr
    assert text is None or file.read_text() == text


def test_a_recipe_beside_which_nothing_can_be_written_is_built(built):
    (built / LOCK).unlink()
    (built / LOCK).mkdir()
    done = build(built)
    assert done.returncode == 0 and "not written" in done.stderr


def test_a_failed_build_leaves_the_lock(built):
    before = (built / LOCK).read_text()
    shutil.rmtree(built / "work")
    edit(built / "tiny.toml", "[search]", "[limits]\nagreement = 1.0\n\n[search]")
    if build(built).returncode:
        assert (built / LOCK).read_text() == before


def test_help_says_what_is_locked():
    assert "--locked" in cli("build", "--help").stdout
