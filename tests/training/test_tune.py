"""mine -> tune -> merge -> evaluate on a tiny random model: the real trainer, the real adapter, the real proof."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from pocketrag.errors import GateError, InputError
from pocketrag.recipe.recipe import read_recipe
from pocketrag.reference import float_model
from tests.conftest import make_data, make_recipe, write_jsonl, write_qrels
from tests.verbs import check, evaluate, judge_float, merge, mine, splits, tune


@pytest.fixture(scope="module")
def tuned(tmp_path_factory, tiny_bert):
    folder = make_data(tmp_path_factory.mktemp("tuned"), asked=3)
    recipe = str(make_recipe(folder, tiny_bert, method="lora"))
    work = str(folder / "work")
    return recipe, work, [mine(recipe, work=work), tune(recipe, work=work), merge(recipe, work=work)]


def test_mine_keeps_the_evaluation_out(tuned):
    recipe, _, (mined, _, _) = tuned
    rows = [
        json.loads(line) for line in Path(mined["folder"], "triplets.jsonl").read_text("utf-8").splitlines()
    ]
    passages, split, qrels = splits(read_recipe(recipe))
    held = [p for p in passages if any(p.id in qrels[q.id] for part in ("dev", "test") for q in split[part])]
    texts = {p.text for p in held}
    assert rows and held and mined["passages_kept_out_of_training"] == len(held)
    asked = {q.text for part in ("dev", "test") for q in split[part]}
    for row in rows:
        for column in ("positive", "negative_1"):
            assert not any(row[column].endswith(text) for text in texts)
        assert row["anchor"] not in asked and row["negative_1"] != row["positive"]


def test_tune_measures_the_baseline_first_and_keeps_a_safe_adapter(tuned):
    _, _, (_, facts, _) = tuned
    assert set(facts["dev_ndcg@10"]) == {"base", "tuned"} and facts["steps"] >= 1
    assert 1 <= facts["kept_step"] <= facts["steps"]
    names = {p.name for p in Path(facts["folder"], "adapter").iterdir()}
    assert "adapter_model.safetensors" in names and not any(
        n.endswith((".bin", ".pt", ".pkl")) for n in names
    )
    assert not Path(facts["folder"], "checkpoints").exists()


def test_merged_equals_adapter_and_differs_from_base(tuned, tiny_bert):
    _, _, (_, _, merged) = tuned
    assert merged["least_cosine_to_adapter"] >= 0.99999 and merged["mean_cosine_to_base"] < 0.99999
    texts = ["the king moves", "the clock stops"]
    ours = float_model.encode(float_model.load_float(Path(merged["folder"])), texts)
    base = float_model.encode(float_model.load_float(tiny_bert), texts)
    assert ours.shape == base.shape and not np.allclose(ours, base, atol=1e-4)


def test_merge_refuses_an_adapter_that_does_not_survive(tuned, monkeypatch, tmp_path):
    recipe, work, _ = tuned
    from pocketrag.training import merge as module

    other = tmp_path / "work"
    shutil.copytree(work, other)
    shutil.rmtree(other / "tiny" / "merge")
    real = float_model.load_float
    monkeypatch.setattr(
        module,
        "load_float",
        lambda folder: (
            real(folder) if "merge" not in str(folder) else real(Path(read_recipe(recipe).model.base))
        ),
    )
    with pytest.raises(GateError, match="unlike base with adapter"):
        merge(recipe, work=str(other))
    assert not (other / "tiny" / "merge").exists()


def test_judging_puts_base_beside_tuned(tuned):
    recipe, work, _ = tuned
    facts = judge_float(recipe, "tuned", work=work)
    against = facts["against_base"]
    assert (
        against["n"] == facts["n"]
        and against["interval"][0] <= against["difference"] <= against["interval"][1]
    )
    assert facts["ships"] == ("tuned" if against["verdict"] == "WIN" else "base")
    assert {"easy", "hard"} == set(facts["by_difficulty"])
    assert evaluate(recipe, work=work)["tuned"] == facts


def test_a_second_run_does_nothing(tuned):
    recipe, work, (mined, facts, _) = tuned
    assert mine(recipe, work=work) == mined and tune(recipe, work=work) == facts


def test_evaluate_any_embedder(data, tiny_bert, tmp_path):
    files = {
        "corpus": str(data / "corpus.jsonl"),
        "queries": str(data / "queries.jsonl"),
        "qrels": str(data / "qrels.tsv"),
    }
    facts = {
        mode: evaluate(str(tiny_bert), **files, mode=mode, run=str(tmp_path / mode))
        for mode in ("dense", "bm25", "hybrid")
    }
    assert all(row["n"] == 140 for row in facts.values())
    assert facts["bm25"]["recall@5"] > 0.5  # the words are in the passages; the model is random
    assert len((tmp_path / "bm25").read_text().splitlines()) > 140
    with pytest.raises(InputError, match="needs --corpus"):
        evaluate(str(tiny_bert))


def test_training_questions_of_their_own(tmp_path, tiny_bert):
    folder = make_data(tmp_path)
    rows = [json.loads(line) for line in (folder / "queries.jsonl").read_text().splitlines()]
    write_jsonl(
        folder / "train.jsonl", [{**r, "_id": f"t-{r['_id']}", "text": r["text"] + " now"} for r in rows]
    )
    write_qrels(
        folder / "train.tsv", [(f"t-{r['_id']}", r["_id"].split("-")[0].replace("q", "p")) for r in rows]
    )
    write_qrels(folder / "qrels.tsv", [(f"q{n:03}-0", f"p{n:03}") for n in range(10)])
    recipe = make_recipe(folder, tiny_bert, "lora")
    recipe.write_text(
        recipe.read_text().replace(
            "[model]", 'train_queries = "train.jsonl"\ntrain_qrels = "train.tsv"\n[model]'
        )
    )
    _, split, qrels = splits(read_recipe(recipe))
    test = {p for q in split["test"] for p in qrels[q.id]}
    assert len(split["test"]) == 10 and 100 < len(split["train"]) + len(split["dev"]) <= 120
    assert not test & {p for part in ("train", "dev") for q in split[part] for p in qrels[q.id]}


def test_too_few_pairs_are_named_before_a_minute_is_lost(tmp_path, tiny_bert):
    recipe = str(make_recipe(make_data(tmp_path, passages=20), tiny_bert, "lora"))
    with pytest.raises(InputError, match="tuning needs at least 50"):
        mine(recipe)
    assert "tuning needs at least 50" in str(check(recipe)["checks"])


def test_check_lines(data, tiny_bert):
    recipe = make_recipe(data, tiny_bert, "lora")
    facts = check(str(recipe))
    assert facts["exit"] == 0 and {c["check"] for c in facts["checks"]} >= {
        "data",
        "split",
        "base",
        "batch",
        "packages",
    }
    recipe.write_text(recipe.read_text().replace("batch_size = 32", "batch_size = 8"))
    facts = check(str(recipe))
    assert facts["exit"] == 1 and "set at least 32" in str(facts["checks"])
    recipe.write_text(recipe.read_text().replace("lengths = [16, 32]", "lengths = [16, 128]"))
    facts = check(str(recipe))
    assert facts["exit"] == 2 and "128 is more than the 64 tokens" in str(facts["checks"])


def test_prompts_are_applied_once(tmp_path, tiny_bert, monkeypatch):
    """A base with prompts of its own: sentence-transformers would add them again when mining and when evaluating."""
    from sentence_transformers import SentenceTransformer

    base = Path(shutil.copytree(tiny_bert, tmp_path / "prompted"))
    prompts = {"query": "king queen: ", "document": "rook: "}
    file = base / "config_sentence_transformers.json"
    file.write_text(
        json.dumps({**json.loads(file.read_text()), "prompts": prompts, "default_prompt_name": "query"})
    )
    seen: list[str] = []
    encode = SentenceTransformer.encode

    def spy(self, *args, **kwargs):
        texts = kwargs.get("inputs", kwargs.get("sentences", args[0] if args else []))
        added = kwargs.get("prompt") or self.prompts.get(
            kwargs.get("prompt_name") or self.default_prompt_name or "", ""
        )
        seen.extend(f"{added}{text}" for text in ([texts] if isinstance(texts, str) else texts))
        return encode(self, *args, **kwargs)

    monkeypatch.setattr(SentenceTransformer, "encode", spy)
    folder = make_data(tmp_path, asked=3)
    recipe, work = str(make_recipe(folder, base, "lora")), str(tmp_path / "work")
    mine(recipe, work=work)
    tune(recipe, work=work)
    merged = merge(recipe, work=work)
    assert seen and not any("king queen: king queen: " in text or "rook: rook: " in text for text in seen)
    assert any(text.startswith("king queen: what") for text in seen) and any(
        text.startswith("rook: the") for text in seen
    )
    kept = json.loads((Path(merged["folder"]) / "config_sentence_transformers.json").read_text())["prompts"]
    assert {k: kept[k] for k in prompts} == prompts


def test_another_seed_is_not_judged_on_the_old_model(tuned, tmp_path):
    recipe, work, _ = tuned
    other = Path(recipe).with_name("seed.toml")
    other.write_text(Path(recipe).read_text().replace("epochs = 1", "epochs = 1\nseed = 99"))
    for verb in (tune, merge):
        with pytest.raises(InputError, match="made from another `split`"):
            verb(str(other), work=work)
    with pytest.raises(InputError, match="made from another `split`"):
        judge_float(str(other), "tuned", work=str(shutil.copytree(work, tmp_path / "w")))


def test_missing_weights_are_an_error_not_random_numbers(tiny_bert, tmp_path):
    from safetensors.torch import load_file, save_file

    folder = Path(shutil.copytree(tiny_bert, tmp_path / "base"))
    tensors = {k: v for k, v in load_file(folder / "model.safetensors").items() if "layer.1." not in k}
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(InputError, match="weights are missing"):
        float_model.load_float(folder)


def test_odd_line_ends_in_a_passage(tmp_path, tiny_bert):
    folder = make_data(tmp_path, asked=3)
    rows = [json.loads(line) for line in (folder / "corpus.jsonl").read_text().splitlines()]
    write_jsonl(
        folder / "corpus.jsonl", [{**r, "text": r["text"].replace(" when ", "\u2028\u0085")} for r in rows]
    )
    recipe, work = str(make_recipe(folder, tiny_bert, "lora")), str(tmp_path / "work")
    mine(recipe, work=work)
    assert tune(recipe, work=work)["triplets"] > 0
