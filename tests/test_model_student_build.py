"""A build with a student that starts from another model: what ships, what is trained again, what is refused."""

import json
import shutil

import pytest
from pocketrag.bench.gates import integrity

from pocketrag.formats.bundle_limits import Limits
from pocketrag.formats.manifest import read_manifest
from pocketrag.recipe.recipe import read_recipe
from tests.builds import build, edit
from tests.conftest import cli, make_data, make_recipe, once
from tests.other_bert import make_other_bert
from tests.test_students_build import misspell

EXTRA = """
[teacher]
spans = 100
words = 100
[students.small]
kind = "model"
start = "other"
licence = "mit"
notice = "Made from the other model."
lengths = [16, 32]
steps = 500
batch_size = 32
learning_rate = 3e-3
evaluations = 3
[ship]
encoders = ["small", "full"]
"""


@pytest.fixture(scope="session")
def model_built(tmp_path_factory, tiny_bert):
    """A folder with a built recipe whose student is another model."""

    def make(folder):
        make_other_bert(folder / "other", tiny_bert)
        edit(
            make_recipe(make_data(folder), tiny_bert, extra=EXTRA),
            "[model]",
            'unjudged = "unjudged.jsonl"\n[model]',
        )
        misspell(folder)
        done = build(folder)
        assert done.returncode == 0, done.stderr[-3000:]

    return once(tmp_path_factory, "of-another-model", make)


@pytest.fixture
def copied(model_built, tmp_path):
    return shutil.copytree(model_built, tmp_path / "copy")


def facts_of(folder, stage):
    return json.loads((folder / f"work/tiny/{stage}/manifest.json").read_text())["facts"]


def test_it_ships_with_its_own_tokenizer_which_counts(model_built):
    bundle = model_built / "out" / "tiny"
    manifest = read_manifest(bundle)
    main, fallback = manifest.encoders
    assert (main.name, fallback.name, fallback.kind) == ("full", "small", "model")
    assert fallback.embedder.tokenizer.file == "fallback.tokenizer.json"
    tokenizer = (bundle / "fallback.tokenizer.json").read_bytes()
    assert tokenizer == (model_built / "other/tokenizer.json").read_bytes()
    rungs = {rung["name"]: rung["bytes"] for rung in manifest.ladder["rungs"]}
    assert rungs["small"] == (bundle / fallback.file).stat().st_size + len(tokenizer)
    assert rungs["full"] == (bundle / main.file).stat().st_size
    trained, exported = (
        facts_of(model_built, "distill-small-base"),
        facts_of(model_built, "student-small-base"),
    )
    assert trained["training"]["after"] > trained["training"]["before"] + 0.03
    assert trained["training"]["start"] == "other" and trained["training"]["layers"] is None
    assert exported["least_cosine_to_pytorch"] >= 0.99999
    report = json.loads((model_built / "out/tiny.report.json").read_text())
    gates = {row["gate"]: row["outcome"] for row in report["gates"]}
    assert gates["student_parity"] == gates["student_golden"] == gates["tokenizer"] == "pass"


def test_what_its_start_asks_for_is_passed_on(copied):
    bundle = copied / "out" / "tiny"
    manifest = read_manifest(bundle)
    assert manifest.licences == {"model": "apache-2.0", "small": "mit"}
    assert "Made from the other model." in (bundle / "NOTICE").read_text()
    assert integrity.licences(bundle, manifest).outcome == "pass"
    unstated = manifest.model_copy(update={"licences": {"model": "apache-2.0"}})
    found = integrity.licences(bundle, unstated)
    assert found.outcome == "unchecked" and "students.small.licence" in found.detail


def test_the_size_of_a_main_one_counts_its_tokenizer(copied):
    bundle = copied / "out" / "tiny"
    manifest = read_manifest(bundle)
    alone = manifest.model_copy(
        update={"encoders": manifest.encoders[1:], "limits": Limits(model_megabytes=1e-6)}
    )
    small = manifest.encoders[1]
    counted = sum((bundle / name).stat().st_size for name in (small.file, small.embedder.tokenizer.file))
    found = integrity.size(bundle, alone)
    assert found.outcome == "fail" and found.value == pytest.approx(counted / 1e6)


def test_the_same_start_trains_nothing_and_another_one_does(copied, tiny_bert):
    """What it is counts, not where it lies."""
    edit(copied / "tiny.toml", 'start = "other"', 'start = "moved"')
    (copied / "other").rename(copied / "moved")
    done = build(copied)
    assert done.returncode == 0, done.stderr[-3000:]
    for stage in ("distill-small-base", "student-small-base", "ladder-base"):
        assert f"{stage}: unchanged" in done.stderr
    edit(copied / "tiny.toml", "steps = 500", "steps = 1")
    shutil.rmtree(copied / "moved")
    make_other_bert(copied / "moved", tiny_bert, 0)
    done = cli("distill", "tiny.toml", cwd=copied)
    assert done.returncode == 0 and "distill-small-base: running" in done.stderr, done.stderr[-2000:]
    assert "teacher-base: unchanged" in done.stderr
    first = json.loads((copied / "work/tiny/distill-small-base/manifest.json").read_text())["key"]
    changed(copied / "moved", "config.json", layer_norm_eps=1e-6)
    done = cli("distill", "tiny.toml", cwd=copied)
    assert done.returncode == 0 and "distill-small-base: running" in done.stderr, done.stderr[-2000:]
    second = json.loads((copied / "work/tiny/distill-small-base/manifest.json").read_text())["key"]
    old, new = first["settings"].pop("student"), second["settings"].pop("student")
    assert old.pop("start") != new.pop("start") and old == new and first == second


def test_a_folder_is_relative_to_the_recipe(model_built):
    assert read_recipe(model_built / "tiny.toml").students["small"].start == str(model_built / "other")


def changed(folder, file, **values):
    found = json.loads((folder / file).read_text())
    (folder / file).write_text(json.dumps({**found, **values}))


def other_family(folder):
    changed(folder / "other", "config.json", model_type="roberta")


def other_tokenizer(folder):
    changed(folder / "other", "tokenizer.json", pre_tokenizer={"type": "Metaspace"})


def too_long(folder):
    edit(folder / "tiny.toml", "lengths = [16, 32]\nsteps", "lengths = [16, 128]\nsteps")


def missing(folder):
    shutil.rmtree(folder / "other")


def no_weights(folder):
    (folder / "other/model.safetensors").unlink()


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (other_family, "the family 'roberta' can't be exported"),
        (other_tokenizer, "the app's runtime lacks the pre_tokenizer Metaspace"),
        (too_long, "128 is more than the 64 tokens that other takes"),
        (missing, "no such folder"),
        (no_weights, "model.safetensors: missing"),
    ],
)
@pytest.mark.parametrize("verb", ["check", "distill", "build"])
def test_a_bad_start_is_named_before_anything_is_made(copied, damage, said, verb):
    damage(copied)
    shutil.rmtree(copied / "work/tiny/teacher-base")
    done = cli(verb, "tiny.toml", cwd=copied)
    told = " ".join((done.stdout + done.stderr).split())
    assert done.returncode == 2 and "students.small.start" in told, told[-2000:]
    assert said in told or verb == "check", told[-2000:]
    assert not (copied / "work/tiny/teacher-base").exists()
