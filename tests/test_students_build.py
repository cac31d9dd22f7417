"""`pocketrag distill` and a build with a student, on the tiny model: stages, bad input, what is made again."""

import json
import shutil

import pytest

from pocketrag.formats.manifest import read_manifest
from tests.builds import build, edit
from tests.conftest import cli, make_data, make_recipe, once

#: A static student sees no order of words, the full model does.
NEGATIONS = (
    '{"text": "the forest is not wet but dry", "negated": "the forest is wet but not dry"}\n'
    '{"text": "a river has water", "negated": "a river has no water"}\n'
)
EXTRA = "[teacher]\nspans = 700\nwords = 300\n[students.small]\nrank = 16\nhidden = 16\nsteps = 60\n"


def run(folder, verb, *more):
    return cli(verb, "tiny.toml", *more, cwd=folder)


@pytest.fixture(scope="session")
def taught(tmp_path_factory, tiny_bert):
    """A folder with a built recipe that has a student."""

    def make(folder):
        edit(
            make_recipe(make_data(folder), tiny_bert, extra=EXTRA),
            "[model]",
            'negations = "n.jsonl"\n[model]',
        )
        (folder / "n.jsonl").write_text(NEGATIONS)
        done = build(folder)
        assert done.returncode == 0, done.stderr[-3000:]
        (folder / "said.txt").write_text(done.stdout)

    return once(tmp_path_factory, "taught", make)


@pytest.fixture
def copied(taught, tmp_path):
    return shutil.copytree(taught, tmp_path / "copy")


def test_the_ladder_stands_in_manifest_report_and_table(taught):
    manifest = read_manifest(taught / "out" / "tiny")
    rungs = {rung["name"]: rung for rung in manifest.ladder["rungs"]}
    assert set(rungs) == {"small", "full"} and rungs["full"]["against_full"] is None
    report = json.loads((taught / "out" / "tiny.report.json").read_text())
    shown = report["stages"]["ladder"]["rungs"]
    here = [rung.pop("here") for rung in shown]
    assert shown == manifest.ladder["rungs"], "a manifest holds no times of the machine that built"
    assert all(one["ms"] > 0 and one["of_reference"] > 0 and one["memory_mb"] > 0 for one in here)
    assert report["stages"]["distill"]["small"]["overlap"]["n"] == 140
    assert rungs["small"]["negation"]["equal"] >= 1 and rungs["full"]["negation"]["equal"] == 0
    assert rungs["small"]["negation"]["first"][0].startswith("the forest is not wet")
    said = " ".join((taught / "said.txt").read_text().split())
    assert "ships as" in said and "small" in said
    for rung in rungs.values():
        role = {one.name: one.role for one in manifest.encoders}.get(rung["name"])
        assert rung["role"] == role, "what the ladder says ships"
        assert rung["against_bm25"]["n"] == 140 and rung["predicted"]["ms"] > 0


def test_nothing_of_it_is_made_twice(copied):
    again = build(copied)
    assert again.returncode == 0
    for stage in ("teacher-base", "distill-small-base", "student-small-base", "ladder-base", "bundle"):
        assert f"{stage}: unchanged" in again.stderr


def test_another_setting_of_the_student_asks_no_teacher_again(copied):
    edit(copied / "tiny.toml", "steps = 60", "steps = 61")
    done = run(copied, "distill", "--json")
    assert done.returncode == 0, done.stderr[-2000:]
    assert "teacher-base: unchanged" in done.stderr and "distill-small-base: running" in done.stderr
    (facts,) = json.loads(done.stdout)["students"]
    assert facts["student"] == "small" and facts["texts"] > 500 and facts["dims"] == 32


def test_more_texts_reuse_the_vectors_that_are_there(copied):
    edit(copied / "tiny.toml", "words = 300", "words = 310")
    assert run(copied, "distill").returncode == 0
    facts = json.loads((copied / "work/tiny/teacher-base/manifest.json").read_text())["facts"]
    assert facts["reused"] > 500 and 0 < facts["embedded"] <= 10


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[students.small]", "[students.full]", "students.full"),
        ("rank = 16", "rang = 16", "rang"),
        ("rank = 16", 'kind = "layers"', "students.small.kind"),
        ("[students.small]", '[ship]\nencoders = ["tiny"]\n[students.small]', "ship.encoders"),
        ("lengths = [16, 32]", 'lengths = [16, 32]\ndocuments = "shipped"', "export.documents"),
        ("spans = 700", "spans = 10", "500 are needed"),
        ("words = 300", 'words = 300\nlanguages = ["tlh"]', "teacher.languages"),
        ("rank = 16", 'query = "no field"', "{question}"),
        ("rank = 16", 'query = "{text} {question}"', "{question} once"),
        ("rank = 16", "seed = -1", "students.small.seed"),
        ("rank = 16", "temperature = 1e-300", "students.small.temperature"),
        ("rank = 16", "tokens = 1", "students.small.tokens"),
        ("[students.small]", '[ship]\nencoders = ["small", "small"]\n[students.small]', "twice"),
        ('"n.jsonl"', '"qrels.tsv"', "qrels.tsv:1"),
    ],
)
def test_a_bad_recipe_ends_with_2_and_the_bundle_stays(copied, old, new, said):
    before = (copied / "out/tiny/manifest.json").read_bytes()
    edit(copied / "tiny.toml", old, new)
    done = build(copied)
    assert done.returncode == 2 and said in " ".join(done.stderr.split()), done.stderr[-2000:]
    assert (copied / "out/tiny/manifest.json").read_bytes() == before


def test_check_says_what_students_learn_from_and_for_how_long(taught):
    done = run(taught, "check", "--json")
    (line,) = (row for row in json.loads(done.stdout)["checks"] if row["check"] == "students")
    assert line["outcome"] == "pass" and "small: " in line["detail"] and " minute" in line["detail"]


def test_distill_names_the_students_that_there_are(taught, tmp_path):
    done = run(taught, "distill", "--student", "large")
    assert done.returncode == 2 and "--student large" in done.stderr and "small" in done.stderr


def test_a_table_of_the_teachers_own_token_vectors(copied):
    edit(
        copied / "tiny.toml",
        "[students.small]\n",
        '[students.plain]\nkind = "model2vec"\nrank = 32\n[students.small]\n',
    )
    done = run(copied, "distill", "--json", "--student", "plain")
    assert done.returncode == 0, done.stderr[-2000:]
    (facts,) = json.loads(done.stdout)["students"]
    assert facts["kind"] == "model2vec" and facts["overlap"]["n"] == 140
