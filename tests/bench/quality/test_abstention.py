"""The threshold, what it costs and the AUROC, against plain counting."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pocketrag.bench.quality.abstention import FOLDS, RATE, abstention, auroc, choose, left_out, unanswerable

from pocketrag.errors import InputError
from pocketrag.formats.data.beir import Question
from pocketrag.formats.manifest import Abstention
from pocketrag.recipe.recipe import read_recipe
from tests.conftest import make_recipe, write_jsonl

SCORES = st.lists(st.floats(-1, 1, width=32), min_size=20, max_size=60).map(np.array)


def test_by_hand():
    # .01 … .40: one in twenty is two questions, below .03 … but never more than 5 %.
    answerable = np.arange(1, 41) / 100
    refused = np.array([0.005] * 15 + [0.5] * 5)
    found = abstention(answerable, refused).as_json()
    assert found["threshold"] == pytest.approx(0.02) and (answerable < found["threshold"]).sum() == 1
    assert found["caught"]["share"] == 0.75 and found["caught"]["n"] == 20
    assert found["auroc"] == pytest.approx(0.75)
    # Wilson's interval for 15 of 20, from its own formula.
    p, n, z = 0.75, 20, 1.959964
    middle, half = p + z * z / (2 * n), z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    assert found["caught"]["interval"] == pytest.approx(
        [(middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)], abs=1e-5
    )
    assert found["answerable"]["quantiles"]["0.5"] == pytest.approx(np.median(answerable))
    Abstention.model_validate(found)


@given(SCORES)
def test_the_threshold_turns_away_at_most_its_rate(scores):
    threshold = choose(scores)
    assert (scores < threshold).sum() <= RATE * len(scores)
    # The next score would turn away more, or just as many.
    assert (scores < np.nextafter(sorted(scores)[int(RATE * (len(scores) - 1))], 2)).sum() >= RATE * (
        len(scores) - 1
    )


@given(SCORES)
def test_the_cost_is_counted_on_questions_left_out(scores):
    wrong = 0
    for i, score in enumerate(scores):
        others = sorted(s for k, s in enumerate(scores) if k % FOLDS != i % FOLDS)
        wrong += score < np.floor(others[int(RATE * (len(others) - 1) + 1e-9)] * 1e6) / 1e6
    assert left_out(scores) == wrong


@given(SCORES, SCORES)
def test_auroc_is_the_share_of_pairs_in_order(left, right):
    pairs = np.sign(left[:, None] - right[None, :])
    value, (low, high) = auroc(left, right)
    assert value == pytest.approx(((pairs + 1) / 2).mean(), abs=2e-6)
    assert 0 <= low <= high <= 1


def test_the_interval_of_auroc_agrees_with_delongs():
    rng = np.random.default_rng(5)
    left, right = rng.normal(1, 1, 150), rng.normal(0, 1, 120)
    wins = (left[:, None] > right[None, :]).astype(float)
    error = np.sqrt(wins.mean(1).var(ddof=1) / 150 + wins.mean(0).var(ddof=1) / 120)  # DeLong et al. 1988
    value, (low, high) = auroc(left, right)
    assert (value - low) / error == pytest.approx(1.96, abs=0.25) and (high - value) / error == pytest.approx(
        1.96, abs=0.25
    )


@pytest.mark.parametrize(
    ("count", "first", "message"),
    [
        (5, "who?", "5 unanswerable and 25 judged questions"),
        (25, "What  IS 3 ?", "is also the judged question 'q3'"),
    ],
)
def test_bad_unanswerable_questions(data, tmp_path, count, first, message):
    write_jsonl(data / "none.jsonl", [{"text": first}, *({"text": f"who is {n}"} for n in range(count - 1))])
    recipe = make_recipe(data, tmp_path / "base")
    recipe.write_text(recipe.read_text().replace("[model]", 'unanswerable = "none.jsonl"\n[model]'))
    with pytest.raises(InputError, match=message):
        unanswerable(read_recipe(recipe), [Question(f"q{n}", f"what is {n} ?") for n in range(25)])
