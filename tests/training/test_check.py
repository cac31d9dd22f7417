"""The checklist: each line's outcomes, and that tuning refuses what a line fails."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from pocketrag.training import hardware

from pocketrag.errors import InputError
from tests.conftest import make_data, make_recipe, write_jsonl
from tests.training.pairs import change, make_pairs, read
from tests.verbs import check, tune


def lines(recipe, **kwargs):
    facts = check(str(recipe), **kwargs)
    return facts["exit"], {line["check"]: (line["outcome"], line["detail"]) for line in facts["checks"]}


def put(recipe: Path, train: str) -> Path:
    recipe.write_text(recipe.read_text().replace("[export]", f"{train}\n[export]"))
    return recipe


@pytest.fixture
def recipe(tmp_path, tiny_bert):
    return make_pairs(tmp_path, tiny_bert)


def test_a_good_recipe_passes_every_line_without_torch(recipe):
    code = f"import json, sys\nfrom pocketrag.training.check import check\nfacts = check({str(recipe)!r}).as_json()\n"
    code += "print(json.dumps([facts, 'torch' in sys.modules]))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=100)
    facts, torch = json.loads(done.stdout)
    assert facts["exit"] == 0 and not torch
    assert [line["check"] for line in facts["checks"]] == [
        "data", "split", "leaks", "base", "prompts", "reading", "long passages", "packages", "accelerator", "disk", "batch", "learning rate", "early stopping",
        "negatives", "no duplicates", "precision", "tracker",
    ]  # fmt: skip
    details = {line["check"]: line["detail"] for line in facts["checks"]}
    assert (
        "80 of train_corpus" in details["data"]
        and "train 128 (128 pairs), dev 32, test 8" in details["split"]
    )
    assert "64 to 128 are advised" in details["batch"]


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("batch_size = 32", "batch_size = 8", "batch", "set at least 32"),
        ("learning_rate = 1e-3", "learning_rate = 1e-2", "learning rate", "lora takes 2e-05 to 0.002"),
        ('method = "lora"', 'method = "full"', "learning rate", "full takes 2e-06 to 0.0002"),
        ("patience = 1", "patience = 2", "early stopping", "patience 2 of 2 evaluations"),
        ("patience = 1", 'patience = 1\nreport_to = ["trackio"]', "tracker", "pip install trackio"),
    ],
)
def test_bad_settings_fail_and_tune_refuses_them(recipe, old, new, line, words, tmp_path, monkeypatch):
    monkeypatch.setattr(hardware, "util", SimpleNamespace(find_spec=lambda name: None))
    recipe.write_text(recipe.read_text().replace(old, new))
    code, found = lines(recipe)
    assert code == 1 and found[line][0] == "fail" and words in found[line][1]
    with pytest.raises(InputError, match=f"{line}: "):
        tune(str(recipe), work=str(tmp_path / "work"))


@pytest.mark.parametrize(
    ("more", "keep", "line", "words"),
    [
        ([], lambda row: int(row["positive_id"][1:]) < 20, "split", "32 training pairs"),
        ([], lambda row: row["split"] == "train", "split", "no dev question"),
        (
            [{"query": "lone", "positive_id": "c99", "split": "train"}],
            None,
            "data",
            "pairs.jsonl:161: the passage 'c99' is not in",
        ),
        (
            [{"query": "lone", "positive_id": "c1", "negative_ids": [], "split": "train"}],
            None,
            "data",
            "not empty",
        ),
    ],
)
def test_bad_data_are_named_and_exit_is_2(recipe, tmp_path, more, keep, line, words):
    change(tmp_path / "pairs.jsonl", *more, keep=keep or (lambda row: True))
    code, found = lines(recipe)
    assert code == 2 and found[line][0] == "fail" and words in found[line][1]
    assert line == "split" or found["split"] == ("unchecked", "needs the data, which can't be read")
    assert found["batch"][0] == "pass"
    with pytest.raises(InputError, match=line):
        tune(str(recipe), work=str(tmp_path / "work"))


def test_a_guard_that_trains_is_named(recipe, tmp_path):
    (row, *_) = [row for row in read(tmp_path / "pairs.jsonl") if row.get("split") == "train"]
    write_jsonl(tmp_path / "guard.jsonl", [{"_id": "g", "text": row["query"] + " please"}])
    keys = 'guard_corpus = "corpus.jsonl"\nguard_queries = "guard.jsonl"\nguard_qrels = "qrels.tsv"\n'
    recipe.write_text(recipe.read_text().replace("[model]", keys + "[model]"))
    code, found = lines(recipe)
    assert (
        code == 1
        and found["leaks"][0] == "fail"
        and "the guard's questions would train too" in found["leaks"][1]
    )


def test_an_evaluation_question_in_the_training_file_is_named(recipe, tmp_path):
    (leak, *_) = read(tmp_path / "queries.jsonl")
    change(tmp_path / "pairs.jsonl", {"query": leak["text"], "positive_id": "c1", "split": "train"})
    code, found = lines(recipe)
    assert code == 1 and found["leaks"][0] == "fail"
    assert "holds 1 evaluation questions, by text or id (pair:161 = q0); remove them" in found["leaks"][1]


def test_an_anchor_equal_to_its_positive_is_named(recipe, tmp_path):
    chunk = read(tmp_path / "chunks.jsonl")[1]
    change(tmp_path / "pairs.jsonl", {"query": chunk["text"], "positive_id": "c1", "split": "train"})
    assert "pairs.jsonl:161: the question equals the passage 'c1'" in lines(recipe)[1]["data"][1]


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("fp16 = true", r"`train.fp16`: .*overflow fp16"),
        ('report_to = ["mlflow"]', r"`train.report_to.0`"),
        ('strategy = "random"', r"`train.strategy`"),
    ],
)
def test_what_a_recipe_can_t_even_say(recipe, key, words):
    with pytest.raises(InputError, match=words):
        check(str(put(recipe, key)))


def test_batch_1_and_two_sources_of_training_questions(recipe):
    text = recipe.read_text()
    recipe.write_text(text.replace("batch_size = 32", "batch_size = 1"))
    with pytest.raises(InputError, match=r"`train.batch_size`.*greater than or equal to 2"):
        check(str(recipe))
    recipe.write_text(
        text.replace("train_pairs", 'train_queries = "queries.jsonl"\ntrain_qrels = "qrels.tsv"\ntrain_pairs')
    )
    with pytest.raises(InputError, match="both name the training questions"):
        check(str(recipe))
    recipe.write_text(text.replace('train_pairs = "pairs.jsonl"', ""))
    with pytest.raises(InputError, match="train_corpus needs train_pairs"):
        check(str(recipe))


def test_fp16_through_accelerate(recipe, monkeypatch):
    monkeypatch.setenv("ACCELERATE_MIXED_PRECISION", "fp16")
    assert lines(recipe)[1]["precision"][0] == "fail"


def test_gemma_without_prompts(tmp_path, tiny_gemma):
    recipe = make_recipe(make_data(tmp_path, asked=3), tiny_gemma, "lora")
    assert lines(recipe)[1]["prompts"][0] == "pass"
    recipe.write_text(recipe.read_text() + '\n[prompts]\nquery = "{question}"\ndocument = "{text}"\n')
    assert lines(recipe)[1]["prompts"][0] == "fail"


def test_without_tuning_there_are_no_lines_about_it(tmp_path, tiny_bert):
    code, found = lines(make_recipe(make_data(tmp_path), tiny_bert))
    assert code == 0 and list(found) == [
        "data",
        "split",
        "base",
        "prompts",
        "reading",
        "long passages",
        "packages",
        "accelerator",
        "disk",
    ]


@pytest.mark.parametrize(
    ("error", "outcome"),
    [(None, "pass"), (403, "fail"), (404, "fail"), (503, "unchecked"), ("offline", "unchecked")],
)
def test_a_base_that_only_the_hub_has(recipe, monkeypatch, error, outcome):
    from huggingface_hub import HfApi

    def ask(self, repo):
        if error:
            failure = ConnectionError("no way")
            failure.response = SimpleNamespace(status_code=error)
            raise failure

    monkeypatch.setattr(HfApi, "auth_check", ask)
    code, found = lines(recipe, base="nobody/no-such-model")
    assert code == {"pass": 0, "fail": 1, "unchecked": 4}[outcome]
    assert found["base"][0] == outcome and found["disk"][0] == found["prompts"][0] == "unchecked"


def test_a_folder_that_is_not_there_is_bad_input(recipe):
    code, found = lines(recipe, base="./none")
    assert code == 2 and "no such folder" in found["base"][1]


def test_versions(recipe, monkeypatch):
    assert (
        hardware.at_least("4.56.0.dev0", "4.56")
        and hardware.at_least("5.0", "4.56")
        and hardware.at_least("1", "")
    )
    assert not hardware.at_least("4.9.1", "4.56") and not hardware.at_least("2.7.0", "3")
    there = {**dict.fromkeys(hardware.NEEDED, "9.9"), "transformers": "4.51.3"}
    monkeypatch.setattr(hardware, "version", there.get)
    assert lines(recipe)[1]["packages"] == (
        "fail",
        "transformers 4.51.3 < 4.56: pip install 'pocketrag[train]'",
    )
    monkeypatch.setattr(hardware, "version", {**there, "transformers": "5.1", "peft": None}.get)
    assert "missing peft" in lines(recipe)[1]["packages"][1]


@pytest.mark.parametrize(
    ("megabytes", "outcome", "words"),
    [
        (None, "pass", "tokens/s"),
        (0, "unchecked", "nvidia-smi"),
        (8_000, "fail", "T4"),
        (15_360, "pass", "A100"),
        (81_000, "pass", ""),
    ],
)
def test_accelerators(tmp_path, recipe, monkeypatch, megabytes, outcome, words):
    monkeypatch.setattr(hardware, "gpu_memory", lambda: megabytes)
    monkeypatch.setattr(hardware, "_bytes", lambda folder: 1_211_000_000)
    found = lines(recipe)[1]["accelerator"]
    assert found[0] == outcome and words in found[1]


def test_a_small_model_needs_no_t4(recipe, monkeypatch):
    monkeypatch.setattr(hardware, "gpu_memory", lambda: 4_000)
    assert lines(recipe)[1]["accelerator"][0] == "pass"


@pytest.mark.parametrize(("name", "mode", "outcome"), [("wandb", "", "unchecked"), ("wandb", "offline", "pass"), ("tensorboard", "", "pass")])  # fmt: skip
def test_trackers_that_are_there(recipe, monkeypatch, name, mode, outcome):
    monkeypatch.setattr(hardware, "util", SimpleNamespace(find_spec=lambda name: object()))
    monkeypatch.setenv("WANDB_MODE", mode)
    assert lines(put(recipe, f'report_to = ["{name}"]'))[1]["tracker"][0] == outcome


def edit(file: Path, change) -> None:
    values = json.loads(file.read_text())
    change(values)
    file.write_text(json.dumps(values))


@pytest.mark.parametrize(
    ("name", "change", "line", "code", "words"),
    [
        ("config.json", lambda c: c.update(model_type="electra"), "base", 2, "the family 'electra' can't be"),
        ("tokenizer.json", lambda t: t["model"].update(type="WordLevel"), "base", 2, "lacks the model type WordLevel"),
        ("1_Pooling/config.json", lambda c: c.update(pooling_mode="max"), "base", 2, "pooling ['max']"),
        ("config_sentence_transformers.json", lambda c: c.update(prompts={"STS": "s: "}), "prompts", 1, "STS = 's: '"),
    ],
)  # fmt: skip
def test_what_a_later_stage_would_refuse(tmp_path, tiny_bert, name, change, line, code, words):
    base = Path(shutil.copytree(tiny_bert, tmp_path / "base"))
    edit(base / name, change)
    found, rows = lines(make_recipe(make_data(tmp_path), base))
    assert found == code and rows[line][0] == "fail" and words in rows[line][1]


def test_an_embedder_that_can_t_read_the_corpus(tmp_path, tiny_bert):
    rows = read(make_data(tmp_path) / "corpus.jsonl")
    write_jsonl(
        tmp_path / "corpus.jsonl", [{**row, "title": "", "text": f"ประตู{row['_id']}"} for row in rows]
    )
    recipe = make_recipe(tmp_path, tiny_bert)
    code, found = lines(recipe)
    assert code == 1 and found["reading"][0] == "fail"
    assert "passages: 100% of the Thai letters are unknown" in found["reading"][1]
    assert "--base google/embeddinggemma-300m" in found["reading"][1]
    assert "build --mode bm25" in found["reading"][1]
    recipe.write_text(recipe.read_text().replace("[search]", '[search]\nmode = "bm25"'))
    code, found = lines(recipe)
    assert code == 0 and found["reading"][0] == "pass"
    assert "100% of the Thai letters" in found["reading"][1] and "full text alone" in found["reading"][1]


def test_one_question_is_counted_though_none_is_left_for_the_test(recipe, tmp_path):
    text = recipe.read_text()
    kept = "".join(line + "\n" for line in text.splitlines() if not line.startswith("train_"))
    recipe.write_text(kept)
    folder = recipe.parent
    lone = json.loads((folder / "queries.jsonl").read_text().splitlines()[0])
    write_jsonl(folder / "queries.jsonl", [lone])
    judged = [line for line in (folder / "qrels.tsv").read_text().splitlines() if line.startswith(f"{lone['_id']}\t")]  # fmt: skip
    (folder / "qrels.tsv").write_text("\n".join(judged) + "\n")
    _, found = lines(recipe, work=str(tmp_path / "w"))
    assert f"no test questions (1 in all) with {len(judged)} judgements" in found["data"][1]


def test_too_long_passages_are_known_before_anything_runs(tmp_path, tiny_bert):
    change(make_data(tmp_path) / "corpus.jsonl", {"_id": "long", "text": "the king waits " * 40})
    recipe = make_recipe(tmp_path, tiny_bert)
    code, found = lines(recipe)
    assert code == 2 and "1 passages exceed the 64 tokens" in found["long passages"][1]
    recipe.write_text(recipe.read_text().replace("[export]", '[export]\nlong_passages = "split"'))
    assert lines(recipe)[1]["long passages"][0] == "pass"


def test_questions_that_are_passages_and_passages_without_text_are_counted(tmp_path, tiny_bert):
    folder = make_data(tmp_path, passages=20)
    rows = [json.loads(line) for line in (folder / "corpus.jsonl").read_text().splitlines()]
    (asked,) = [json.loads(line) for line in (folder / "queries.jsonl").read_text().splitlines()][:1]
    more = [{"_id": "twin", "text": asked["text"].upper()}, {"_id": "void", "title": "a title", "text": ""}]
    write_jsonl(folder / "corpus.jsonl", [*rows, *more])
    recipe = make_recipe(folder, tiny_bert)
    code, found = lines(recipe, work=str(tmp_path / "work"))
    assert (
        code == 2
        and "corpus.jsonl:22: `text` is empty" in found["data"][1]
        and 'empty = "skip"' in found["data"][1]
    )
    recipe.write_text(recipe.read_text().replace("[data]", '[data]\nempty = "skip"'))
    code, found = lines(recipe, work=str(tmp_path / "work"))
    assert (
        code == 0
        and "21 passages" in found["data"][1]
        and "1 passages without text are skipped" in found["data"][1]
    )
    assert "1 questions are passages too, which are left out of their ranking" in found["data"][1]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('qrels = "qrels.tsv"\n', "", "queries needs qrels.*unjudged"),
        ('queries = "queries.jsonl"\n', "", "qrels needs queries"),
        (
            'queries = "queries.jsonl"\nqrels = "qrels.tsv"\n',
            'unanswerable = "queries.jsonl"\n',
            "unanswerable needs queries",
        ),
        ('queries = "queries.jsonl"\nqrels = "qrels.tsv"\n', "", "tuning needs judged questions"),
    ],
)
def test_questions_and_judgements_go_together(tmp_path, tiny_bert, old, new, message):
    recipe = make_recipe(make_data(tmp_path), tiny_bert, "none" if new else "lora")
    recipe.write_text(recipe.read_text().replace(old, new))
    with pytest.raises(InputError, match=message):
        check(str(recipe))
