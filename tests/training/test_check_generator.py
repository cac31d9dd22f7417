"""The checklist's lines about a generator."""

import json
from types import SimpleNamespace

import pytest
from pocketrag.training import check_generator, hardware

from tests.conftest import write_jsonl
from tests.generators import dialogues, exam, make_generator
from tests.language_models import write_qwen2
from tests.verbs import check


@pytest.fixture(scope="module")
def qwen(tmp_path_factory):
    return write_qwen2(tmp_path_factory.mktemp("base") / "qwen")


@pytest.fixture
def recipe(tmp_path, qwen, tiny_bert):
    return make_generator(tmp_path, qwen, embedder=tiny_bert)


def lines(recipe):
    facts = check(str(recipe))
    return facts["exit"], {line["check"]: (line["outcome"], line["detail"]) for line in facts["checks"]}


def change(recipe, old, new):
    recipe.write_text(recipe.read_text().replace(old, new))
    return recipe


def test_a_good_one_passes_its_lines(recipe):
    code, found = lines(recipe)
    assert code == 0 and {found[name][0] for name in ("generator", "dialogues", "exam")} == {"pass"}
    assert "qwen2, 0 million parameters; memory: tuning about" in found["generator"][1]
    assert "packing about 0.9 of" in found["generator"][1] and "licence" not in found["generator"][1]
    assert "24: 19 train, 5 are held out" in found["dialogues"][1] and "CPU cores" in found["dialogues"][1]
    assert found["exam"][1] == "3 questions with an answer, 1 without one"


def test_a_licence_that_is_missing_is_said(recipe):
    text = recipe.read_text().split("[generator]")
    recipe.write_text(text[0] + "[generator]" + text[1].replace('licence = "apache-2.0"\n', ""))
    found = lines(recipe)[1]["generator"]
    assert (
        found[0] == "pass"
        and "its licence is not stated (`generator.licence`): no release without" in found[1]
    )


def test_without_a_generator_there_are_no_such_lines(recipe):
    recipe.write_text(recipe.read_text().split("[generator]")[0])
    assert not {"generator", "dialogues", "exam"} & lines(recipe)[1].keys()


def test_without_tuning_there_are_no_dialogues_and_without_exam_nothing_ships(recipe):
    change(recipe, "[generator]", '[generator]\nmethod = "none"')
    change(recipe, 'exam = "exam.jsonl"', "")
    code, found = lines(recipe)
    assert code == 0 and "dialogues" not in found
    assert found["exam"] == ("skipped", "none: without `generator.exam` no generator ships")


def refusing(folder):
    write_jsonl(folder / "exam.jsonl", [{**exam()[0], "answers": ["the passages do not say"]}, *exam()[1:]])


def leak(folder):
    asked = dialogues()[0]["messages"][1]["content"]
    write_jsonl(folder / "exam.jsonl", [*exam(), {"question": asked.upper(), "unanswerable": True}])


@pytest.mark.parametrize(
    ("damage", "line", "words"),
    [
        (leak, "dialogues", "dialogues.jsonl:1: holds an exam question"),
        (lambda folder: (folder / "dialogues.jsonl").write_text("{\n"), "dialogues", "dialogues.jsonl:1: not JSON"),
        (lambda folder: (folder / "exam.jsonl").write_text("{\n"), "exam", "exam.jsonl:1: not JSON"),
        (lambda folder: change(folder / "tiny.toml", "max_tokens = 500", "max_tokens = 240"), "dialogues", "longer than the 240 tokens"),
        (refusing, "exam", "exam.jsonl:1: `answers` holds the refusal ('The passages do not say.')"),
        (lambda folder: change(folder / "tiny.toml", "[generator]", '[generator]\nprompt.refusal = "No.<|im_end|>"'), "generator", "`generator.prompt.refusal` holds '<|im_end|>', a marker"),
        (lambda folder: change(folder / "tiny.toml", "[generator]", f'[generator]\nprompt.system = "{"word " * 900}"'), "generator", "`generator.prompt` has"),
        (lambda folder: change(folder / "tiny.toml", "qwen", "none"), "generator", "no such folder"),
    ],
)  # fmt: skip
def test_bad_input_fails_its_line_and_exit_is_2(recipe, damage, line, words):
    damage(recipe.parent)
    code, found = lines(recipe)
    assert code == 2 and found[line][0] == "fail" and words in found[line][1]


def test_a_machine_that_can_t_pack_or_tune_it(recipe, monkeypatch):
    monkeypatch.setattr(check_generator, "_memory", lambda: 500_000_000)
    code, found = lines(recipe)
    assert (
        code == 1
        and found["generator"][0] == "fail"
        and "packing takes about 0.9 GB" in found["generator"][1]
    )
    change(recipe, "[generator]", '[generator]\nmethod = "qlora"')
    monkeypatch.setattr(hardware, "gpu_memory", lambda: None)
    assert "QLoRA needs a CUDA GPU" in lines(recipe)[1]["generator"][1]
    monkeypatch.setattr(hardware, "version", lambda package: None)
    assert "pip install 'pocketrag[instruct]'" in lines(recipe)[1]["generator"][1]


def test_its_tracker_is_looked_for(recipe, monkeypatch):
    change(recipe, "rank = 4", 'rank = 4\nreport_to = ["trackio"]')
    monkeypatch.setattr(hardware, "util", SimpleNamespace(find_spec=lambda name: None))
    assert lines(recipe)[1]["tracker"] == ("fail", "`report_to`: missing trackio; pip install trackio")


def test_packing_needs_what_was_measured(tmp_path, qwen, monkeypatch):
    """0.5 billion parameters fit 24 GB, 1.5 billion do not."""
    from pocketrag.formats.generator.language_model import read_language_model

    model = read_language_model(qwen)
    for parameters, fits in ((494e6, True), (1_544e6, False)):
        monkeypatch.setitem(model.__dict__, "parameters", parameters)
        assert (check_generator._bytes(model, check_generator.PACKING) < 24e9) is fits


def test_parameters_are_counted_from_the_header(qwen):
    from safetensors.torch import load_file

    from pocketrag.formats.generator.language_model import read_language_model

    model = read_language_model(qwen)
    assert model.parameters == sum(t.numel() for t in load_file(qwen / "model.safetensors").values())
    assert model.stops == frozenset(json.loads((qwen / "generation_config.json").read_text())["eos_token_id"])
