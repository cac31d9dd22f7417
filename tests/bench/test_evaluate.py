"""Measures, sample, comparison, guard and abstention of `evaluate`, end to end on a tiny random model."""

import json
import math

import numpy as np
import pytest
from pocketrag.bench.quality.scores import facts_of, write_facts

from pocketrag.errors import InputError
from pocketrag.formats.data import beir
from pocketrag.formats.data.beir import Question
from pocketrag.formats.embedder.embedder_folder import defaults_of
from pocketrag.pipeline.verdict import objections
from pocketrag.recipe.recipe import read_recipe
from pocketrag.reference import float_model, metrics
from pocketrag.runtime import ranking
from pocketrag.sampling import spread
from tests.conftest import cli, make_bert, make_data, make_recipe, other_domain, write_jsonl
from tests.verbs import evaluate, judge_float, merge, mine, tune

JUDGED = {"q1": {"a": 1, "b": 1}, "q2": {"c": 1}, "q3": {"z": 1}}
OURS = {
    "q1": [("a", 0.9), ("x", 0.8), ("b", 0.7)],
    "q2": [(f"x{n}", 1 - n / 10) for n in range(6)] + [("c", 0.1)],
    "q3": [("x", 0.9)],
}
THEIRS = {"q1": [("x", 0.9), ("a", 0.8)], "q2": [("x", 0.9), ("c", 0.8)], "q3": [("z", 0.9)]}


@pytest.fixture
def given(tmp_path):
    """A tiny corpus, and the options that name its files."""
    folder = make_data(tmp_path)
    return folder, {
        "corpus": str(folder / "corpus.jsonl"),
        "queries": str(folder / "queries.jsonl"),
        "qrels": str(folder / "qrels.tsv"),
    }


def test_measures_by_hand(tmp_path):
    questions = [
        Question("q1", "?", {"origin": "exam"}),
        Question("q2", "?", {"origin": "field"}),
        Question("q3", "?", {"origin": "exam"}),
    ]
    ours, theirs = (
        {**metrics.score(run, JUDGED), "similarity": dict.fromkeys(JUDGED, s)}
        for run, s in ((OURS, 0.5), (THEIRS, 0.25))
    )
    facts = write_facts(tmp_path, "t", OURS, ours, questions, theirs, None).as_json()
    third = 1 / 3
    assert facts["recall@1"] == pytest.approx(0.5 * third, abs=1e-6) and facts["recall@5"] == pytest.approx(
        third, abs=1e-6
    )
    assert facts["hit@1"] == facts["hit@5"] == pytest.approx(third, abs=1e-6) and facts[
        "hit@10"
    ] == pytest.approx(2 * third, abs=1e-6)
    assert facts["mrr@10"] == pytest.approx((1 + 1 / 7) * third, abs=1e-6) and facts["similarity"] == 0.5
    gains = ((1 + 1 / 2) / (1 + 1 / math.log2(3)), 1 / math.log2(8), 0.0)
    assert facts["ndcg@10"] == pytest.approx(sum(gains) * third, abs=1e-6)
    assert facts["by_origin"]["exam"]["n"] == 2 and facts["by_origin"]["field"]["hit@10"] == 1.0
    assert set(facts["differences"]) == {*metrics.MEASURES, "similarity"}
    assert facts["differences"]["mrr@10"]["difference"] == pytest.approx(
        (0.5 + (1 / 7 - 0.5) - 1) * third, abs=1e-6
    )
    assert facts["differences"]["similarity"]["interval"] == [0.25, 0.25]
    assert json.loads((tmp_path / "scores.json").read_text())["recall@1"] == {"q1": 0.5, "q2": 0.0, "q3": 0.0}


def test_intervals_agree_with_a_bootstrap_in_numpy():
    rng = np.random.default_rng(1)
    left, right = (
        {m: {str(i): float(v) for i, v in enumerate(rng.random(80))} for m in metrics.MEASURES}
        for _ in range(2)
    )
    for measure, row in metrics.differences(left, right).items():
        gains = np.array(list(left[measure].values())) - np.array(list(right[measure].values()))
        means = rng.choice(gains, (20_000, 80)).mean(1)
        assert row.difference == pytest.approx(gains.mean(), abs=1e-6)
        assert row.interval == pytest.approx(np.quantile(means, [0.025, 0.975]), abs=0.005)


def test_similarity_of_an_embedder_against_plain_numpy(given, tiny_bert):
    folder, files = given
    passages, questions, judged = beir.read_judged(
        *(folder / name for name in ("corpus.jsonl", "queries.jsonl", "qrels.tsv"))
    )
    facts, prompts = evaluate(str(tiny_bert), **files), defaults_of(tiny_bert)
    model = float_model.load_float(tiny_bert)
    asked = float_model.encode(model, [prompts.ask(q.text) for q in questions])
    row = {p.id: float_model.encode(model, [prompts.passage(p.title, p.text)])[0] for p in passages}
    cosines = [
        float(vector @ row[p]) for q, vector in zip(questions, asked, strict=True) for p in judged[q.id]
    ]
    assert facts["similarity"] == pytest.approx(np.mean(cosines), abs=1e-5)
    assert "similarity" not in evaluate(str(tiny_bert), **files, mode="bm25")


def test_a_sample_is_spread_and_said(given, tiny_bert, tmp_path):
    folder, files = given
    facts = evaluate(str(tiny_bert), **files, mode="bm25", max_queries=20, run=str(tmp_path / "run"))
    assert (facts["n"], facts["sample_of"]) == (20, 140)
    wanted = {q.id for q in spread(beir.read_questions(folder / "queries.jsonl"), 20)}
    assert {line.split()[0] for line in (tmp_path / "run").read_text().splitlines()} == wanted
    with pytest.raises(InputError, match="--max-queries 1: must be at least 2"):
        evaluate(str(tiny_bert), **files, max_queries=1)


def test_against_another_embedder_on_the_same_questions(given, tiny_bert, tmp_path):
    _, files = given
    other = make_bert(tmp_path / "other", seed=3)
    facts = evaluate(str(tiny_bert), **files, against=str(other), max_queries=50)
    alone = evaluate(str(other), **files, max_queries=50)
    against = facts["against"]
    assert against["target"] == str(other) and against["n"] == 50 and against["ndcg@10"] == alone["ndcg@10"]
    assert against["compared"]["difference"] == pytest.approx(facts["ndcg@10"] - alone["ndcg@10"], abs=2e-6)
    assert against["differences"]["recall@5"]["difference"] == pytest.approx(
        facts["recall@5"] - alone["recall@5"], abs=2e-6
    )
    itself = evaluate(str(tiny_bert), **files, against=str(tiny_bert), max_queries=50)["against"]["compared"]
    assert itself["difference"] == 0 and itself["verdict"] == "MARGINAL"


@pytest.fixture(scope="module")
def tuned(tmp_path_factory, tiny_bert):
    """A tuned tiny model of a recipe with targets, a guard and unanswerable questions."""
    folder = make_data(tmp_path_factory.mktemp("judged"), asked=3)
    (folder / "guard").mkdir()
    other_domain(make_data(folder / "guard", passages=30) / "queries.jsonl")
    write_jsonl(folder / "none.jsonl", [{"text": f"who paints the wall {n} ?"} for n in range(30)])
    recipe = make_recipe(
        folder,
        tiny_bert,
        "lora",
        extra='[targets]\n"recall@5" = 0.0\nhard_cases = 0\n[limits]\nguard_loss = 0.01\n',
    )
    more = "".join(f'guard_{name} = "guard/{file}"\n' for name, file in
                   (("corpus", "corpus.jsonl"), ("queries", "queries.jsonl"), ("qrels", "qrels.tsv")))  # fmt: skip
    recipe.write_text(recipe.read_text().replace("[model]", f'{more}unanswerable = "none.jsonl"\n[model]'))
    work = str(folder / "work")
    for verb in (mine, tune, merge):
        verb(str(recipe), work=work)
    return recipe, work, evaluate(str(recipe), work=work)


def test_targets_are_met_or_not_and_decide_nothing(tuned):
    _, _, facts = tuned
    for model in ("base", "tuned"):
        rows = {row["target"]: row for row in facts[model]["targets"]}
        assert rows["recall@5"]["met"] and not rows["hard_cases"]["met"]
        assert rows["hard_cases"]["found"] == round(facts[model]["n"] * (1 - facts[model]["hit@5"]))


def test_the_guard_is_the_same_comparison_on_other_questions(tuned, tiny_bert):
    recipe, work, facts = tuned
    guard, data = facts["tuned"]["guard"], read_recipe(recipe).data
    passages, questions, judged = beir.read_judged(data.guard_corpus, data.guard_queries, data.guard_qrels)
    prompts, means = defaults_of(tiny_bert), {}
    for name, folder in (("base", tiny_bert), ("tuned", f"{work}/tiny/merge")):
        model = float_model.load_float(type(tiny_bert)(folder))
        documents = float_model.encode(model, [prompts.passage(p.title, p.text) for p in passages])
        asked = float_model.encode(model, [prompts.ask(q.text) for q in questions])
        run = ranking.dense_float_all(asked, [q.id for q in questions], [p.id for p in passages], documents)
        means[name] = np.mean(list(metrics.score(run, judged)["ndcg@10"].values()))
        assert guard[name] == pytest.approx(means[name], abs=1e-6)
    assert guard["n"] == 60 and guard["difference"] == pytest.approx(means["tuned"] - means["base"], abs=2e-6)
    assert "guard" not in facts["base"]


def test_a_fall_out_of_domain_keeps_a_winner_from_shipping(tuned):
    chosen, facts = read_recipe(tuned[0]), tuned[2]["tuned"]
    won = {**facts, "against_base": {**facts["against_base"], "verdict": "WIN"}}
    assert objections(chosen, {**won, "guard": {"difference": -0.01}}) == []
    assert "out of domain" in objections(chosen, {**won, "guard": {"difference": -0.0101}})[0]
    assert facts["objections"] == objections(chosen, facts) and facts["ships"] == (
        "base" if facts["objections"] else "tuned"
    )


def test_abstention_is_measured_on_the_best_scores(tuned, tiny_bert):
    recipe, _, facts = tuned
    found, data = facts["base"]["abstention"], read_recipe(recipe).data
    prompts, model = defaults_of(tiny_bert), float_model.load_float(tiny_bert)
    documents = float_model.encode(
        model, [prompts.passage(p.title, p.text) for p in beir.read_corpus(data.corpus)]
    )
    asked = float_model.encode(model, [prompts.ask(text) for text in beir.read_unjudged(data.unanswerable)])
    best = (asked @ documents.T).max(1)
    assert found["unanswerable"]["quantiles"]["0.75"] == pytest.approx(np.quantile(best, 0.75), abs=1e-5)
    assert found["caught"] == {
        **found["caught"],
        "share": pytest.approx((best < found["threshold"]).mean(), abs=1e-6),
        "n": 30,
    }
    assert found["answerable"]["n"] == facts["base"]["n"]


def test_other_limits_and_targets_measure_nothing_anew(tuned, capsys):
    recipe, work, facts = tuned
    text = recipe.read_text()
    recipe.write_text(
        text.replace("hard_cases = 0", "hard_cases = 1000").replace("guard_loss = 0.01", "guard_loss = 1")
    )
    again = evaluate(str(recipe), work=work)
    recipe.write_text(text)
    assert "running" not in capsys.readouterr().err
    assert again["tuned"]["targets"][1]["met"] and {**again["tuned"], "targets": 0} == {
        **facts["tuned"],
        "targets": 0,
    }


def test_other_unanswerable_questions_are_judged_but_train_nothing_anew(tuned, capsys):
    recipe, work, facts = tuned
    file = recipe.with_name("none.jsonl")
    text = file.read_text()
    file.write_text("".join(text.splitlines(keepends=True)[:25]))
    again = evaluate(str(recipe), work=work)
    said = [line for line in capsys.readouterr().err.splitlines() if "running" in line]
    assert tune(str(recipe), work=work)["steps"] and "tune: unchanged" in capsys.readouterr().err
    file.write_text(text)
    assert (
        again["base"]["abstention"]["unanswerable"]["n"] == 25
        and facts["base"]["abstention"]["unanswerable"]["n"] == 30
    )
    assert {line.split()[1] for line in said} == {"evaluate-base:", "evaluate-tuned:"}


def test_a_sample_of_a_recipe_lies_beside_the_whole_and_decides_nothing(tuned):
    recipe, work, facts = tuned
    sample = evaluate(str(recipe), work=work, max_queries=10)
    assert sample["tuned"]["n"] == 10 and sample["tuned"]["sample_of"] == facts["tuned"]["n"]
    assert not {"ships", "targets", "guard", "abstention"} & set(sample["tuned"])
    assert judge_float(str(recipe), "tuned", work=work) == facts["tuned"]


def test_a_recipe_against_another_embedder(tuned, tmp_path):
    recipe, work, facts = tuned
    other = make_bert(tmp_path / "other", seed=3)
    found = evaluate(str(recipe), work=work, against=str(other))
    assert found["other"]["n"] == facts["base"]["n"] and found["other"]["embedder"] == str(other)
    for name in ("base", "tuned"):
        difference = found[name]["ndcg@10"] - found["other"]["ndcg@10"]
        assert found[name]["against_other"]["difference"] == pytest.approx(difference, abs=2e-6)


def test_the_table_says_it_all(tuned):
    recipe, work, _ = tuned
    done = cli("evaluate", recipe, "--work", work)
    assert done.returncode == 0, done.stderr[-2000:]
    for word in (
        "similarity",
        "hit@5",
        "95 % interval",
        "hard_cases",
        "not met",
        "out of domain",
        "AUROC",
        "threshold",
        "unanswerable",
    ):
        assert word in done.stdout, word
    sample = cli("evaluate", recipe, "--work", work, "--max-queries", 10)
    assert "a sample of 10 of 42 questions: it informs, and decides nothing" in sample.stdout


def test_facts_without_metadata_have_empty_breakdowns():
    facts = facts_of(metrics.score(OURS, JUDGED), [Question(q, "?") for q in JUDGED]).as_json()
    assert facts["by_origin"] == facts["by_difficulty"] == {}
