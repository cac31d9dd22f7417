"""`pocketrag exam` with nothing replaced: a tiny random Qwen2 tuned, packed in float32, and run by transformers and LiteRT-LM."""

import json
import shutil
from pathlib import Path

import pytest
from pocketrag.bench.answers.asked_models import open_float
from pocketrag.bench.gates.examined import Examined, Means
from pocketrag.bench.gates.run import measure

from pocketrag.formats import files
from pocketrag.formats.facts.exam import ExamFacts
from pocketrag.formats.generator import read_generator
from pocketrag.recipe.recipe import read_recipe
from pocketrag.reference.float_language_model import FloatModel
from pocketrag.runtime.generator.prompt import messages
from tests.conftest import real_cli, write_jsonl
from tests.generators import dialogues, exam
from tests.language_models import write_qwen2
from tests.packs import edit, put_right

#: Answers no longer than those of which `pack` proves that both write the same.
GENERATOR = """
[generator]
base = "qwen"
licence = "apache-2.0"
rank = 4
learning_rate = 5e-3
epochs = 1
batch_size = 4
evaluations = 1
quantization = "float32"
max_tokens = 500
budget = 60
answer_tokens = 20
data = "dialogues.jsonl"
exam = "exam.jsonl"
[generator.limits]
accuracy = 0.0
seconds = 600
"""
STOP = (0, 2)


@pytest.fixture(scope="module")
def examined(tmp_path_factory, tiny_built):
    """A folder in which all was done, and what `exam` said."""
    home = Path(shutil.copytree(tiny_built, tmp_path_factory.mktemp("exam") / "home", symlinks=True))
    write_qwen2(home / "qwen")
    write_jsonl(home / "dialogues.jsonl", dialogues())
    write_jsonl(home / "exam.jsonl", exam())
    recipe = home / "tiny.toml"
    recipe.write_text(recipe.read_text() + GENERATOR)
    for verb in ("instruct", "pack", "exam"):
        done = real_cli(verb, "tiny.toml", "--json", cwd=home, timeout=1800)
        assert done.returncode == 0, done.stderr[-3000:]
    return home, json.loads(done.stdout)


def answers(home, facts):
    text = (home / facts["folder"] / "answers.jsonl").read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()]


def test_every_arm_answered_every_question(examined):
    home, facts = examined
    assert len(facts["arms"]) == 11 and facts["examined"] == "tuned+prompt+passages"
    assert all(arm["accuracy"]["n"] == 4 for arm in facts["arms"].values())
    assert facts["tuning"]["measure"] == "accuracy" and facts["checks"]["tuning"]["outcome"] in (
        "pass",
        "fail",
    )
    for name, arm in facts["arms"].items():
        assert arm["seconds"] > 0 and arm["memory_megabytes"] > 50, name
        assert (arm["first_token_seconds"] is None) == (name == "quotes"), name
    assert ExamFacts.read(facts).packed.file == files.sha256(
        home / "android_assets" / "tiny.generator" / "generator.litertlm"
    )


def test_in_float_the_packed_model_says_what_transformers_says(examined):
    home, facts = examined
    for row in answers(home, facts):
        arms = row["arms"]
        assert arms["packed"]["generated"] == arms["float"]["generated"]
        assert arms["packed"]["outcome"] == arms["float"]["outcome"]
        if arms["float"]["generated"] is not None:
            assert arms["float"]["generated"] == arms["tuned+prompt+passages"]["reply"]
    assert facts["packed"]["quantization_loss"]["mean"] == 0


def test_a_tuned_model_is_not_the_base(examined):
    assert any(row["arms"]["tuned"]["reply"] != row["arms"]["base"]["reply"] for row in answers(*examined))


def test_a_float_model_answers_as_it_does_alone(examined):
    home, facts = examined
    recipe = read_recipe(home / "tiny.toml")
    model = FloatModel(home / "qwen")
    row = answers(home, facts)[0]
    told = []
    asked = model.prompt(messages(recipe.generator.prompt, row["question"], []))
    text, tokens, stopped = model.answer(asked, STOP, 20, lambda: told.append(1))
    assert row["arms"]["base+prompt"]["reply"] == text.strip()
    assert len(told) == tokens + stopped and 0 < tokens <= 20
    assert model.answer(asked, STOP, 3, lambda: None)[1] <= 3


def test_a_prompt_that_is_too_long_is_refused_in_float_too(examined):
    home, _ = examined
    spec = read_generator(home / "android_assets" / "tiny.generator").model_copy(update={"max_tokens": 25})
    said = open_float(home / "qwen", spec).say([{"role": "user", "content": "May I stop the clocks?"}])
    assert said.text == "" and "and the model takes 5" in said.why and not said.stopped


def gates(folder):
    found = measure("generator", Examined(folder, Means(generator=folder)))
    return {one.gate.removeprefix("generator_"): one for one in found}


@pytest.fixture
def published(examined, tmp_path):
    return Path(
        shutil.copytree(examined[0] / "android_assets" / "tiny.generator", tmp_path / "tiny.generator")
    )


def test_what_is_published_holds_to_its_gates(published):
    found = gates(published)
    assert found["bytes"].outcome == found["greedy"].outcome == found["exam"].outcome == "pass"
    assert found["merge"].outcome == "pass" and "of 4 questions" in found["exam"].detail


def changed(**other):
    return lambda spec: spec["proofs"]["exam"].update(other)


@pytest.mark.parametrize(
    ("change", "outcome", "words"),
    [
        (changed(ships=False, reason="accuracy: 0.1, limit 0.75"), "fail", "accuracy: 0.1"),
        (changed(file="0" * 64), "fail", "of another generator.litertlm"),
        (changed(limit="much"), "fail", "proofs.exam: `limit`"),
        (lambda spec: spec["proofs"].update(exam=[]), "fail", "proofs.exam"),
        (lambda spec: spec["proofs"].pop("exam"), "unchecked", "no exam was taken"),
    ],
)
def test_an_exam_that_is_lost_or_forged(published, change, outcome, words):
    edit(published / "generator.json", change)
    found = gates(published)["exam"]
    assert found.outcome == outcome and words in found.detail


def test_another_model_has_not_been_examined(published):
    model = published / "generator.litertlm"
    model.write_bytes(model.read_bytes() + b"\0")
    put_right(published)
    assert gates(published)["exam"].outcome == "fail"
