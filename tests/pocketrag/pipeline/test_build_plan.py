"""What a build would run: the very stages that it runs, why, and in which order; looking makes nothing."""

import json
import shutil

import pytest

from pocketrag.formats import files
from pocketrag.pipeline.steps import Steps, duration
from tests.conftest import cli


@pytest.fixture
def project(tiny_built, tmp_path):
    """A copy of a project that was built."""
    return shutil.copytree(tiny_built, tmp_path / "project", symlinks=True)


def status(project, *options, code=0):
    done = cli("status", "tiny.toml", "--out", "out/tiny", *options, "--json", cwd=project)
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout)


def states(found):
    return {one["stage"]: one["state"] for one in found["stages"]}


def test_after_a_build_its_own_stages_are_built(project):
    found = status(project)
    made = {folder.name for folder in (project / "work" / "tiny").iterdir() if folder.is_dir()}
    assert set(states(found)) == made and set(states(found).values()) == {"built"}
    assert found["to_run"] == 0 and found["published"] == "up to date"
    assert all(one["seconds"] is not None and one["bytes"] for one in found["stages"])


def test_what_changed_is_named_and_what_follows_waits(project):
    recipe = project / "tiny.toml"
    recipe.write_text(recipe.read_text().replace('version = "0.1"', 'version = "0.2"'))
    found = {one["stage"]: one for one in status(project)["stages"]}
    assert found["convert-base"]["state"] == "built"
    assert found["bundle"]["state"] == "stale" and found["bundle"]["why"] == "`model` changed"
    assert found["verify"]["why"] == "after bundle"
    with (project / "corpus.jsonl").open("a") as corpus:
        corpus.write(json.dumps({"_id": "new", "title": "new", "text": "the king rings"}) + "\n")
    again = status(project)
    assert {one["stage"]: one["why"] for one in again["stages"]}["split"] == "`corpus` changed"
    assert again["published"] == "of another build"


def test_a_changed_file_and_a_missing_stage(project):
    (project / "work" / "tiny" / "convert-base" / "embedder.tflite").write_bytes(b"")
    shutil.rmtree(project / "work" / "tiny" / "bundle")
    found = {one["stage"]: one for one in status(project)["stages"]}
    assert found["convert-base"]["why"] == "its files were changed"
    assert (found["bundle"]["state"], found["bundle"]["bytes"]) == ("missing", None)


def test_a_dry_run_makes_nothing(project):
    shutil.rmtree(project / "work" / "tiny" / "verify")
    before = files.digests(project)
    done = cli("build", "tiny.toml", "--out", "out/tiny", "--dry-run", "--json", cwd=project)
    found = json.loads(done.stdout)
    assert done.returncode == 0 and found["to_run"] == 1 and found["unknown"] == 1
    assert {name for name, digest in files.digests(project).items() if before.get(name) != digest} <= {
        "work/pocketrag.log",
        "work/tiny/digests.json",
    }
    shown = cli("status", "tiny.toml", cwd=project).stdout
    assert "a build would run 1 of" in shown and "bundle: android_assets/tiny, missing" in shown


def test_a_base_that_only_the_hub_has_is_not_fetched(project):
    recipe = project / "tiny.toml"
    lines = [
        'base = "owner/model"' if line.startswith("base") else line
        for line in recipe.read_text().splitlines()
    ]
    recipe.write_text("\n".join(lines))
    found = status(project)
    assert {one["why"] for one in found["stages"]} == {"the base model is not here, and would be fetched"}


def test_a_build_counts_its_stages_and_says_how_long_the_rest_took(project):
    recipe = project / "tiny.toml"
    recipe.write_text(recipe.read_text().replace('version = "0.1"', 'version = "0.2"'))
    said = cli("build", "tiny.toml", "--out", "out/tiny", cwd=project).stderr
    count = len(status(project)["stages"])
    assert f"[1 of {count}] split: unchanged" in said and f"[{count} of {count}] verify: running" in said
    assert " left" in said.split("bundle: running")[1].splitlines()[0]


def test_steps_without_a_plan_say_nothing():
    assert Steps().begin("convert") == "" and Steps().remaining() == ""


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(1, "1 second"), (40.4, "40 seconds"), (60, "60 seconds"), (100, "2 minutes"), (9000, "2.5 hours")],
)
def test_times_as_people_say_them(seconds, said):
    assert duration(seconds) == said
