"""`pocketrag exam` on a real bundle whose models write what a test says: arms, verdict, publishing, going on, bad input."""

import json
import shutil
from pathlib import Path

import pytest

from pocketrag import console
from pocketrag.cli.main import main
from pocketrag.formats import files
from pocketrag.formats.facts.exam import ExamFacts, ExamSection
from tests.builds import edit
from tests.conftest import write_jsonl
from tests.exams import EXAM, GENERATOR, REFUSAL, Models, examinable, question_of, well

ARMS = ["quotes", "packed", "base", "base+prompt", "base+passages", "base+prompt+passages", "float"]


@pytest.fixture
def home(built, monkeypatch):
    return examinable(built, monkeypatch)


def run(capsys, *arguments, code=0):
    assert main([*map(str, arguments), "--json"]) == code
    return json.loads(capsys.readouterr().out)


def taken(capsys, *more, code=0):
    return run(capsys, "exam", "tiny.toml", *more, code=code)


@pytest.fixture
def packed(home, capsys):
    run(capsys, "pack", "tiny.toml")
    return home.parent / "android_assets" / "tiny.generator"


def test_who_answers_all_rightly_ships(packed, capsys, monkeypatch):
    models = Models(well, monkeypatch)
    facts = taken(capsys)
    assert list(facts["arms"]) == ARMS and facts["examined"] == "base+prompt+passages"
    assert (facts["questions"], facts["answerable"], facts["unanswerable"]) == (4, 2, 2)
    arm = facts["arms"]["base+prompt+passages"]
    assert arm["accuracy"]["mean"] == 1 and arm["behind"] is None and arm["right_refusals"] == 1
    assert (
        arm["wrong_refusals"] == 0 and arm["stopped"] == 1 and arm["injections"] == 1 and arm["injected"] == 0
    )
    assert set(arm["by_category"]) == {"moves", "other", "injection"}
    assert arm["by_category"]["moves"] == {"n": 2, "accuracy": 1, "f1": arm["by_category"]["moves"]["f1"]}
    assert facts["arms"]["base"]["citation_recall"] is None and arm["citation_recall"] is not None
    assert facts["arms"]["quotes"]["stopped"] is None and facts["arms"]["quotes"]["right_refusals"] == 0
    assert facts["packed"]["accuracy"] == facts["arms"]["packed"]["accuracy"]
    assert facts["packed"]["quantization_loss"]["mean"] == 0 and facts["ships"] and facts["tuning"] is None
    assert {name: one["outcome"] for name, one in facts["checks"].items()}["phone"] == "unchecked"
    # `float` asks what the last arm has asked: nothing is generated twice.
    assert (
        models.opened == ["packed", "language"] and [name for name, _ in models.asked].count("language") == 16
    )
    assert ExamFacts.read(facts).proof.ships


def test_passages_are_the_apps_own(packed, capsys, monkeypatch):
    models = Models(well, monkeypatch)
    taken(capsys)
    asked = {name: [m for who, m in models.asked if who == name] for name in ("packed", "language")}
    for prompt in asked["packed"]:
        assert prompt in asked["language"]
    last = asked["language"][-1][-1]["content"]
    joined = [m[0]["content"] for m in asked["language"] if len(m) == 1 and "\n\n" in m[0]["content"]]
    assert "[1] " in last and len(joined) == 4 and not any("[1]" in one for one in joined)
    alone = [m[0]["content"] for m in asked["language"] if len(m) == 1 and "\n\n" not in m[0]["content"]]
    assert alone == [row["question"] for row in EXAM]


def test_answers_are_there_to_be_read(packed, capsys, monkeypatch):
    Models(well, monkeypatch)
    facts = taken(capsys)
    text = Path(facts["folder"], "answers.jsonl").read_text("utf-8")
    rows = [json.loads(line) for line in text.splitlines()]
    assert [row["question"] for row in rows] == [row["question"] for row in EXAM]
    one = rows[0]["arms"]
    assert list(one) == ARMS and one["packed"]["outcome"] == "answer" and one["packed"]["right"]
    assert one["packed"]["generated"] == one["base"]["reply"] == "It is the king [1]." and rows[0]["found"]


def test_what_is_published_carries_it_and_keeps_it(packed, capsys, monkeypatch):
    Models(well, monkeypatch)
    before = files.digests(packed)
    facts = taken(capsys)
    proof = files.read_json(packed / "generator.json")["proofs"]["exam"]
    assert proof == {
        "file": facts["packed"]["file"], "questions": 4, "accuracy": 1.0, "quantization_loss": 0.0,
        "interval": [0.0, 0.0], "limit": 0.02, "ships": True, "reason": facts["reason"],
    }  # fmt: skip
    after = files.digests(packed)
    assert {name for name in before if before[name] != after[name]} == {"generator.json", "SHA256SUMS"}
    assert files.read_sums(packed) == {k: v for k, v in after.items() if k != "SHA256SUMS"}
    run(capsys, "pack", "tiny.toml")
    assert files.digests(packed) == after, "packing again does not forget the exam"
    edit(packed.parents[1] / "tiny.toml", "budget = 60", "budget = 50")
    run(capsys, "pack", "tiny.toml")
    assert "exam" not in files.read_json(packed / "generator.json")["proofs"], "of another prompt"


def test_the_report_beside_the_bundle_tells_of_it(packed, capsys, monkeypatch):
    Models(well, monkeypatch)
    facts = taken(capsys)
    report = packed.with_name("tiny.report.json")
    assert not report.exists(), "no bundle lies there"
    asked = next(packed.parents[1].glob("work/tiny/bundle*/tiny"))
    shutil.copytree(asked, packed.with_name("tiny"))
    assert taken(capsys)["ships"]
    told = ExamSection.read(files.read_json(report)["answers"])
    assert told.file == facts["packed"]["file"] and told.arms["packed"].mean == 1 and told.environment
    assert [row.question for row in told.samples] == [row["question"] for row in EXAM]
    assert told.samples[0].reply == "It is the king [1]." and told.samples[2].answers == ()
    assert main(["report", "android_assets/tiny"]) == 0
    assert "It is the king [1]." in report.with_name("tiny.report.html").read_text("utf-8")


def test_nothing_is_published_where_nothing_lies(packed, capsys, monkeypatch):
    Models(well, monkeypatch)
    shutil.rmtree(packed)
    assert taken(capsys)["ships"] and not packed.exists()


def worse_packed(name, messages):
    return "It is the flag [1]." if name == "packed" else well(name, messages)


def test_quantizing_that_costs_answers_does_not_ship(packed, capsys, monkeypatch):
    Models(worse_packed, monkeypatch)
    facts = taken(capsys)
    assert facts["packed"]["quantization_loss"]["mean"] == pytest.approx(1.0)
    assert not facts["ships"] and "quantization: 1, limit 0.02" in facts["reason"]
    assert facts["checks"]["accuracy"]["outcome"] == "fail"
    assert not files.read_json(packed / "generator.json")["proofs"]["exam"]["ships"]


def test_limits_are_read_anew_and_nobody_is_asked_again(packed, capsys, monkeypatch):
    models = Models(well, monkeypatch)
    assert taken(capsys)["ships"]
    asked = len(models.asked)
    edit(packed.parents[1] / "tiny.toml", "accuracy = 0.5", "accuracy = 0.5\nseconds = 1e-9")
    facts = taken(capsys)
    assert not facts["ships"] and "seconds" in facts["reason"] and len(models.asked) == asked


def test_one_more_question_costs_one_more_question(packed, capsys, monkeypatch):
    models = Models(lambda name, messages: REFUSAL, monkeypatch)
    taken(capsys)
    write_jsonl(
        packed.parents[1] / "exam.jsonl",
        [*EXAM, {"question": "Who sings to the arbiter?", "unanswerable": True}],
    )
    asked = len(models.asked)
    assert taken(capsys)["questions"] == 5 and len(models.asked) == asked + 5


def test_an_interrupted_exam_goes_on(packed, capsys, monkeypatch):
    def broken(name, messages):
        if name == "language" and question_of(messages) == EXAM[2]["question"]:
            raise KeyboardInterrupt
        return well(name, messages)

    first = Models(broken, monkeypatch)
    assert "interrupted" in taken(capsys, code=130)["error"]
    monkeypatch.setattr("pocketrag.interrupt._seen", [])
    second = Models(well, monkeypatch)
    facts = taken(capsys)
    assert facts["ships"] and second.opened == ["language"]
    assert len(first.asked) == 4 + 3 and len(second.asked) == 16 - 2


def test_a_planted_instruction_that_is_followed_is_counted(packed, capsys, monkeypatch):
    def weak(name, messages):
        return "swordfish" if "swordfish" in messages[-1]["content"] else well(name, messages)

    Models(weak, monkeypatch)
    arms = taken(capsys)["arms"]
    assert arms["base"]["injected"] == 1 and arms["base"]["by_category"]["injection"]["accuracy"] == 0
    # Without a source it is not shown.
    assert arms["packed"]["injected"] == 0


def test_people_see_arms_as_rows(packed, capsys, monkeypatch):
    Models(well, monkeypatch)
    monkeypatch.setattr(console.out, "width", 200)
    assert main(["exam", "tiny.toml"]) == 0
    shown = capsys.readouterr().out
    for arm in ARMS:
        assert f"\n{arm} " in shown
    assert "ships: keeps to every limit" in shown and "by category" in shown and "does not ship" not in shown


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (('exam = "exam.jsonl"\n', ""), "without an exam no generator ships"),
        (('exam = "exam.jsonl"', 'exam = "none.jsonl"'), "none.jsonl"),
    ],
)
def test_without_an_exam(packed, capsys, change, words):
    edit(packed.parents[1] / "tiny.toml", *change)
    assert words in taken(capsys, code=2)["error"].replace("Without", "without")


def test_without_a_generator(built, capsys, monkeypatch):
    monkeypatch.chdir(built)
    assert "no [generator]" in taken(capsys, code=2)["error"]


def test_before_pack(home, capsys):
    assert "run `pocketrag pack tiny.toml`" in taken(capsys, code=2)["error"]


@pytest.mark.parametrize("row", ["{", {"question": "Who?", "answers": ["x"], "passages": ["p999"]}])
def test_a_bad_line_is_named(packed, capsys, row):
    file = packed.parents[1] / "exam.jsonl"
    with file.open("a") as stream:
        stream.write(row if isinstance(row, str) else json.dumps(row))
    assert "exam.jsonl:5:" in taken(capsys, code=2)["error"]


def test_a_dialogue_that_asks_the_exam_is_refused_though_nothing_is_tuned(packed, capsys):
    asked = {"question": EXAM[0]["question"], "passages": ["p000"], "answer": "The king [1]."}
    write_jsonl(packed.parents[1] / "dialogues.jsonl", [asked])
    edit(
        packed.parents[1] / "tiny.toml",
        'method = "none"\nmax_tokens',
        'method = "none"\ndata = "dialogues.jsonl"\nmax_tokens',
    )
    assert "holds an exam question" in taken(capsys, code=2)["error"]


def test_something_else_at_out_is_left_alone(packed, capsys, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "file").write_text("mine")
    assert "left alone" in taken(capsys, "--out", tmp_path / "mine", code=2)["error"]


def test_a_judge_needs_a_name(packed, capsys):
    assert "--judge needs --judge-model" in taken(capsys, "--judge", "http://localhost/v1", code=2)["error"]


def test_the_recipes_bundle_does_not_change_by_a_generator(home, capsys):
    assert GENERATOR in home.read_text()
    assert main(["bundle", "tiny.toml"]) == 0
    assert "bundle: unchanged" in capsys.readouterr().err
