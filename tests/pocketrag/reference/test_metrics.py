import math

import ir_measures
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pocketrag.formats.data.beir import Question
from pocketrag.reference import metrics

QRELS = {"q1": {"a": 1}, "q2": {"b": 1, "c": 1}, "q3": {"z": 1}}
RUN = {"q1": [("a", 0.9), ("b", 0.8)], "q2": [("a", 0.9), ("b", 0.8), ("c", 0.7)]}


def test_scores_by_hand():
    scores = metrics.score(RUN, QRELS)
    assert scores["recall@1"] == {"q1": 1.0, "q2": 0.0, "q3": 0.0}
    assert scores["mrr@10"] == {"q1": 1.0, "q2": 0.5, "q3": 0.0}
    ideal = 1 + 1 / math.log2(3)
    assert scores["ndcg@10"]["q2"] == pytest.approx((1 / math.log2(3) + 1 / math.log2(4)) / ideal)
    means = metrics.means(scores)
    assert means.n == 3 and means.recall_5 == pytest.approx(2 / 3, abs=1e-6)


def test_a_question_without_results_counts_zero():
    assert metrics.score({}, QRELS)["ndcg@10"] == {"q1": 0.0, "q2": 0.0, "q3": 0.0}


def test_breakdown_by_metadata():
    questions = [
        Question("q1", "?", {"difficulty": "easy"}),
        Question("q2", "?", {"difficulty": "hard"}),
        Question("q3", "?"),
    ]
    rows = metrics.breakdown(metrics.score(RUN, QRELS), questions, "difficulty")
    assert {name: row.n for name, row in rows.items()} == {"easy": 1, "hard": 1}
    assert rows["easy"].recall_1 == 1.0 and rows["hard"].recall_1 == 0.0


@given(st.lists(st.floats(0, 1, width=32), min_size=2, max_size=30))
def test_the_written_run_scores_the_same(tmp_path_factory, values):
    ranked = [(f"p{i:02}", value) for i, value in enumerate(sorted(values, reverse=True))]
    qrels = {"q": {f"p{len(values) // 2:02}": 1}}
    file = tmp_path_factory.mktemp("run") / "run.trec"
    metrics.write_run({"q": ranked}, file, "t")
    again = ir_measures.calc_aggregate([ir_measures.nDCG @ 10], qrels, ir_measures.read_trec_run(str(file)))
    expected = 1 / math.log2(len(values) // 2 + 2) if len(values) // 2 < 10 else 0.0
    assert again[ir_measures.nDCG @ 10] == pytest.approx(expected)
    assert metrics.score({"q": ranked}, qrels)["ndcg@10"]["q"] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("mean", "low", "high", "word"),
    [(0.02, 0.001, 0.04, "WIN"), (0.02, -0.001, 0.04, "MARGINAL"), (-0.009, -0.03, 0.01, "MARGINAL"),
     (-0.011, -0.03, 0.01, "REGRESSION"), (-0.005, -0.009, -0.001, "REGRESSION"), (0.0, 0.0, 0.0, "MARGINAL")],
)  # fmt: skip
def test_verdict(mean, low, high, word):
    assert metrics.verdict(mean, low, high) == word


def test_interval_agrees_with_the_normal_approximation():
    rng = np.random.default_rng(3)
    gains = rng.normal(0.05, 0.2, 400)
    base = {str(i): 0.5 for i in range(400)}
    tuned = {str(i): 0.5 + float(g) for i, g in enumerate(gains)}
    row = metrics.compare({"ndcg@10": tuned}, {"ndcg@10": base})
    half = 1.96 * gains.std() / 20
    assert row.interval[0] == pytest.approx(gains.mean() - half, abs=0.004)
    assert row.interval[1] == pytest.approx(gains.mean() + half, abs=0.004)
    assert row.n == 400 and row.better + row.worse == 400


def test_no_difference_is_marginal_and_one_question_says_nothing():
    same = {"ndcg@10": {"a": 0.5, "b": 0.7}}
    assert metrics.compare(same, same).verdict == "MARGINAL"
    assert metrics.compare({"ndcg@10": {"a": 1.0}}, {"ndcg@10": {"a": 0.0}}).verdict == "MARGINAL"
