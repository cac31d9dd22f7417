"""`pocketrag distill` and a build with a student, on the tiny model: stages, bad input, what is made again."""

import json
import os
import random
import shutil

import pytest
from safetensors.torch import load_file

from pocketrag.formats.manifest import read_manifest
from tests.builds import build, edit
from tests.conftest import ACTS, PIECES, cli, make_data, make_recipe, once, real_cli, write_jsonl

#: A static student sees no order of words, the full model does.
NEGATIONS = (
    '{"text": "the forest is not wet but dry", "negated": "the forest is wet but not dry"}\n'
    '{"text": "a river has water", "negated": "a river has no water"}\n'
)
#: A table, and a student with one of the model's two layers.
EXTRA = """
[teacher]
spans = 100
words = 100
[students.small]
rank = 8
hidden = 0
steps = 1
[students.deep]
kind = "layers"
layers = 1
lengths = [16, 32]
steps = 500
batch_size = 32
learning_rate = 3e-3
static = false
evaluations = 3
"""


def run(folder, verb, *more):
    return cli(verb, "tiny.toml", *more, cwd=folder)


def misspell(folder):
    """End every word of the questions in a wrong letter: full text finds nothing, a model of word pieces still does.

    And write questions of the same kind without judgements.
    """
    chance = random.Random(3)  # noqa: S311

    def wrong(text):
        return " ".join(word + chance.choice("aeiou") for word in text.split())

    asked = [json.loads(line) for line in (folder / "queries.jsonl").read_text().splitlines()]
    write_jsonl(folder / "queries.jsonl", [{**row, "text": wrong(row["text"])} for row in asked])
    words = [(a, b, act) for a in PIECES for b in PIECES[:8] for act in ACTS[:8]]
    others = [f"what {act} if {a} {n} {('meets', 'and')[n % 2]} {b} ?" for n, (a, b, act) in enumerate(words)]
    rows = [{"_id": f"u{n}", "text": wrong(text)} for n, text in enumerate(others)]
    write_jsonl(folder / "unjudged.jsonl", rows)


@pytest.fixture(scope="session")
def students_built(tmp_path_factory, tiny_bert):
    """A folder with a built recipe that has two students, one of which ships."""

    def make(folder):
        edit(
            make_recipe(make_data(folder), tiny_bert, extra=EXTRA),
            "[model]",
            'negations = "n.jsonl"\nunjudged = "unjudged.jsonl"\n[model]',
        )
        misspell(folder)
        (folder / "n.jsonl").write_text(NEGATIONS)
        done = build(folder)
        assert done.returncode == 0, done.stderr[-3000:]
        (folder / "said.txt").write_text(done.stdout)

    return once(tmp_path_factory, "students_built", make)


@pytest.fixture
def copied(students_built, tmp_path):
    return shutil.copytree(students_built, tmp_path / "copy")


def test_the_ladder_stands_in_manifest_report_and_table(students_built):
    manifest = read_manifest(students_built / "out" / "tiny")
    rungs = {rung["name"]: rung for rung in manifest.ladder["rungs"]}
    assert set(rungs) == {"small", "deep", "full"} and rungs["full"]["against_full"] is None
    report = json.loads((students_built / "out" / "tiny.report.json").read_text())
    shown = report["stages"]["ladder"]["rungs"]
    here = [rung.pop("here") for rung in shown]
    assert shown == manifest.ladder["rungs"], "a manifest holds no times of the machine that built"
    assert all(one["ms"] > 0 and one["of_reference"] > 0 and one["memory_mb"] > 0 for one in here)
    assert report["stages"]["distill"]["small"]["overlap"]["n"] == 300
    assert rungs["small"]["negation"]["equal"] >= 1 and rungs["full"]["negation"]["equal"] == 0
    assert rungs["small"]["negation"]["first"][0].startswith("the forest is not wet")
    said = " ".join((students_built / "said.txt").read_text().split())
    assert "ships as" in said and "small" in said
    for rung in rungs.values():
        role = {one.name: one.role for one in manifest.encoders}.get(rung["name"])
        assert rung["role"] == role, "what the ladder says ships"
        assert rung["against_bm25"]["n"] == 140 and rung["predicted"]["ms"] > 0


def test_nothing_of_it_is_made_twice(copied):
    again = build(copied)
    assert again.returncode == 0
    students = [f"{stage}-{name}-base" for stage in ("distill", "student") for name in ("small", "deep")]
    for stage in ("teacher-base", *students, "ladder-base", "bundle"):
        assert f"{stage}: unchanged" in again.stderr


def test_the_student_with_layers_ships_and_is_what_was_trained(copied):
    """Fewer weights than the full model, its own lengths, its own reference in the golden file; the same tokenizer."""
    edit(
        copied / "tiny.toml",
        "[students.small]",
        '[ship]\nencoders = ["deep", "full"]\nworst_loss = 0.001\n[students.small]',
    )
    done = build(copied)
    assert done.returncode == 0 and "distill-deep-base: unchanged" in done.stderr, done.stderr[-3000:]
    bundle = copied / "out" / "tiny"
    main, fallback = read_manifest(bundle).encoders
    assert (main.name, fallback.name, fallback.kind) == ("full", "deep", "layers")
    assert fallback.embedder.lengths == (16, 32) and fallback.embedder.tokenizer == main.embedder.tokenizer
    assert fallback.embedder.quantization == "t8-a8-f8-h32" and fallback.evidence["overlap"] > 0.5
    assert (bundle / fallback.file).stat().st_size < (bundle / main.file).stat().st_size
    facts = {
        stage: json.loads((copied / f"work/tiny/{stage}-deep-base/manifest.json").read_text())["facts"]
        for stage in ("distill", "student")
    }
    trained, exported = facts["distill"]["training"], facts["student"]
    assert trained["by"] == "overlap" and trained["n"] == 300 and trained["layers"] == [0]
    assert trained["after"] > trained["before"] + 0.02 > 0.7 and trained["stopped"] is None
    assert exported["least_cosine_to_pytorch"] >= 0.99999 and exported["quantization"] == "t8-a8-f8-h32"
    assert 0.99 < exported["least_cosine"] <= exported["mean_cosine"] < 1
    golden = json.loads((bundle / fallback.golden).read_text())
    assert any(text["twin"] != text["shipped"] for text in golden["texts"])


def test_a_static_student_beside_the_layers_is_in_their_file(copied):
    """To float32's rounding, with its table in int8 beside the layers' own matrices."""
    edit(copied / "tiny.toml", "static = false", "static = true")
    edit(copied / "tiny.toml", "steps = 500", "steps = 100")
    done = build(copied)
    assert done.returncode == 0, done.stderr[-3000:]
    stages = {stage: copied / f"work/tiny/{stage}-deep-base" for stage in ("distill", "student")}
    facts = {
        stage: json.loads((folder / "manifest.json").read_text())["facts"] for stage, folder in stages.items()
    }
    assert json.loads((stages["distill"] / "beside.json").read_text()) == {
        "share": facts["distill"]["training"]["static_share"]
    }
    exported = facts["student"]
    assert exported["least_cosine_to_pytorch"] >= 0.99999 and 0.99 < exported["least_cosine"] < 1
    table = load_file(stages["distill"] / "student.safetensors")["table"]
    assert exported["weights"]["int8"] > table.numel() and exported["bytes"] > table.numel()


def test_another_quantization_and_shorter_lengths_train_nothing_again(copied):
    edit(
        copied / "tiny.toml",
        "layers = 1\nlengths = [16, 32]",
        'layers = 1\nlengths = [24, 32]\nquantization = "float32"',
    )
    done = run(copied, "distill", "--student", "deep")
    assert done.returncode == 0 and "distill-deep-base: unchanged" in done.stderr, done.stderr[-2000:]


#: Sends the process SIGINT once its first checkpoint is whole.
AT_A_CHECKPOINT = """
import os, pathlib, signal
replace = pathlib.Path.replace
def signalled(self, target):
    found = replace(self, target)
    if pathlib.Path(target).name == "digests.json" and "checkpoint" in str(target):
        os.kill(os.getpid(), signal.SIGINT)
    return found
pathlib.Path.replace = signalled
"""


def test_an_interrupted_distillation_goes_on(copied):
    """What its whole training came to is what it comes to (tests/training/students/test_fit_network.py has the weights)."""
    edit(copied / "tiny.toml", "steps = 500", "steps = 30")
    (copied / "hook").mkdir()
    (copied / "hook" / "sitecustomize.py").write_text(AT_A_CHECKPOINT)
    path = os.pathsep.join(filter(None, [str(copied / "hook"), os.environ.get("PYTHONPATH")]))
    command = ("distill", "tiny.toml", "--student", "deep")
    done = real_cli(*command, cwd=copied, env={"PYTHONPATH": path})
    assert done.returncode == 130 and "run the same command again" in done.stderr, done.stderr[-2000:]
    assert (copied / "work/tiny/distill-deep-base-checkpoints/checkpoint-10/digests.json").is_file()
    again = run(copied, "distill", "--student", "deep", "--json")
    assert again.returncode == 0 and "going on from checkpoint-10" in again.stderr, again.stderr[-2000:]
    (facts,) = json.loads(again.stdout)["students"]
    assert facts["training"]["went_on_from"] == "checkpoint-10" and facts["training"]["steps"] == 30
    assert not list((copied / "work/tiny").glob("*-checkpoints"))


def test_another_setting_of_the_student_asks_no_teacher_again(copied):
    edit(copied / "tiny.toml", "steps = 1", "steps = 2")
    done = run(copied, "distill", "--json", "--student", "small")
    assert done.returncode == 0, done.stderr[-2000:]
    assert "teacher-base: unchanged" in done.stderr and "distill-small-base: running" in done.stderr
    (facts,) = json.loads(done.stdout)["students"]
    assert facts["student"] == "small" and facts["texts"] > 500 and facts["dims"] == 32


def test_another_student_leaves_the_database_and_is_a_model_only_update(copied):
    """To the byte; `build` says so, and the command that it prints writes what an app needs."""
    before, whole = (copied / "out/tiny/corpus.db").read_bytes(), read_manifest(copied / "out/tiny")
    edit(copied / "tiny.toml", "rank = 8", "rank = 12")
    edit(copied / "tiny.toml", 'version = "0.1"', 'version = "0.2"')
    done = build(copied, "--json")
    assert done.returncode == 0, done.stderr[-3000:]
    assert (copied / "out/tiny/corpus.db").read_bytes() == before
    found, report = (
        json.loads(done.stdout)["update"],
        json.loads((copied / "out/tiny.report.json").read_text()),
    )
    assert found == report["update"] and found["before"] == "0.1" and found["bytes"] < report["bytes"]
    assert found["model_id_before"] == whole.model_id != report["model_id"]
    made = cli(*found["command"].split()[1:], "--json", cwd=copied)
    assert made.returncode == 0, made.stderr
    facts = json.loads(made.stdout)
    assert facts["bytes"] == found["bytes"] and facts["bytes_whole"] == report["bytes"]
    assert "corpus.db" in facts["taken"] and facts["vectors_model_id"] == whole.vectors_model_id
    assert {path.name for path in (copied / "out/tiny-0.2.update").iterdir()} == {
        "manifest.json",
        "SHA256SUMS",
        *facts["carried"],
    }
    again = build(copied)
    assert again.returncode == 0 and "model-only update" in again.stdout, "the earlier version is kept"


def test_a_student_that_asks_has_no_traits(copied):
    edit(copied / "tiny.toml", "[students.small]", "[ship]\nloss = 1.0\nworst_loss = 1.0\n[students.small]")
    assert build(copied).returncode == 0
    assert not read_manifest(copied / "out/tiny").main.is_full
    done = cli("traits", "out/tiny", cwd=copied)
    assert done.returncode == 2 and "a student asks in it" in done.stderr


def test_more_texts_reuse_the_vectors_that_are_there(copied):
    edit(copied / "tiny.toml", "words = 100", "words = 110")
    assert run(copied, "distill", "--student", "small").returncode == 0
    facts = json.loads((copied / "work/tiny/teacher-base/manifest.json").read_text())["facts"]
    assert facts["reused"] > 500 and 0 < facts["embedded"] <= 10


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[students.small]", "[students.full]", "students.full"),
        ("rank = 8", "rang = 8", "rang"),
        ("rank = 8", 'kind = "deep"', "students.small.kind"),
        ("rank = 8", 'kind = "layers"', "students.small.hidden"),
        ("layers = 1", "layers = 3", "`students.deep.layers`: the base has 2 layers, 0 to 1"),
        ("layers = 1", "layers = 0", "`students.deep.layers`: must be how many"),
        ("layers = 1", "layers = 1\nrank = 8", "students.deep.rank"),
        (
            "layers = 1\nlengths = [16, 32]",
            "layers = 1\nlengths = [16, 128]",
            "`students.deep.lengths`: 128 is more",
        ),
        ("[students.small]", '[ship]\nencoders = ["tiny"]\n[students.small]', "ship.encoders"),
        ("[export]", '[export]\ndocuments = "shipped"', "export.documents"),
        ('unjudged = "unjudged.jsonl"\n', "", "500 are needed"),
        ("words = 100", 'words = 100\nlanguages = ["tlh"]', "teacher.languages"),
        ("rank = 8", 'query = "no field"', "{question}"),
        ("rank = 8", 'query = "{text} {question}"', "{question} once"),
        ("rank = 8", "seed = -1", "students.small.seed"),
        ("rank = 8", "temperature = 1e-300", "students.small.temperature"),
        ("rank = 8", "tokens = 1", "students.small.tokens"),
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


def test_check_says_what_students_learn_from_and_for_how_long(students_built):
    done = run(students_built, "check", "--json")
    (line,) = (row for row in json.loads(done.stdout)["checks"] if row["check"] == "students")
    assert line["outcome"] == "pass" and "small, deep: " in line["detail"] and " minute" in line["detail"]
    assert "deep sees each text" in line["detail"] and "its training takes about" in line["detail"]
    assert "too few texts for 500 steps" not in line["detail"]


def test_check_says_what_is_too_much_for_so_few_texts(copied):
    edit(copied / "tiny.toml", "steps = 500", "steps = 5000")
    (line,) = (
        row
        for row in json.loads(run(copied, "check", "--json").stdout)["checks"]
        if row["check"] == "students"
    )
    assert line["outcome"] == "pass" and "too few texts for 5,000 steps" in line["detail"]
    edit(copied / "tiny.toml", "layers = 1", "layers = 9")
    done = run(copied, "check", "--json")
    assert done.returncode == 2 and "students.deep.layers" in done.stdout


@pytest.mark.parametrize("verb", ["check", "distill", "build"])
@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("layers = 1\n", "layers = 9\n", "students.deep.layers"),
        ("lengths = [16, 32]\nsteps", "lengths = [16, 128]\nsteps", "students.deep.lengths"),
    ],
)
def test_what_the_base_lacks_is_told_before_the_teacher_is_asked(copied, old, new, said, verb):
    edit(copied / "tiny.toml", old, new)
    shutil.rmtree(copied / "work/tiny/teacher-base")
    done = run(copied, verb)
    assert done.returncode == 2 and said in " ".join((done.stdout + done.stderr).split()), done.stderr[-2000:]
    assert not (copied / "work/tiny/teacher-base").exists()


def test_distill_names_the_students_that_there_are(students_built, tmp_path):
    done = run(students_built, "distill", "--student", "large")
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
    assert facts["kind"] == "model2vec" and facts["overlap"]["n"] == 300 and facts["training"] is None
