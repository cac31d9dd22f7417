"""How vectors and full text are joined: what wins is kept, and its figures come from questions that did not choose it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pocketrag.export.database.fusion import (
    FEWEST,
    FOLDS,
    RANK_WEIGHTS,
    WEIGHTS,
    candidates,
    choose,
    split,
    unmeasured,
)

from pocketrag.reference import metrics
from pocketrag.runtime import ranking


def chosen(*given):
    return choose(*given).as_json()


PASSAGES = [f"p{n:02}" for n in range(40)]


def rank_of(right, place, n):
    """A list of 20 passages in which the right one stands at a place, 0 the first; -1 leaves it out. The others hang on `n`."""
    others = [id_ for id_ in np.roll(PASSAGES, n * 7).tolist() if id_ != right][:20]
    if place >= 0:
        others.insert(place, right)
    return [(id_, 1.0 - 0.05 * k) for k, id_ in enumerate(others[:20])]


def made(dense, lexical, questions=60, stems=None):
    """Runs in which the right passage of question n stands at `dense(n)` and `lexical(n)`."""
    names = [f"q{n:03}" for n in range(questions)]
    right = {q: PASSAGES[n % len(PASSAGES)] for n, q in enumerate(names)}

    def run(place, turn):
        return {q: rank_of(right[q], place(n), n + turn) for n, q in enumerate(names)}

    text = {False: run(lexical, 3), **({True: run(stems, 3)} if stems else {})}
    return run(dense, 0), text, {q: {right[q]: 1} for q in names}


def test_fusion_that_wins_is_kept_with_the_outer_folds_figures():
    """Each list alone is right for half of the questions, and a close second for the other half."""
    dense, lexical, judged = made(lambda n: 0 if n % 2 else 3, lambda n: 3 if n % 2 else 0)
    found = chosen(dense, lexical, judged, "judged")
    assert (
        found["mode"] == "hybrid"
        and found["against_dense"]["verdict"] == "WIN"
        and found["against_dense"]["n"] == 60
    )
    figures = found["ndcg@10"]
    assert figures["chosen, outer folds"] > figures["dense"] and not found["stems"]
    assert found["against_dense"]["difference"] == pytest.approx(
        figures["chosen, outer folds"] - figures["dense"], abs=2e-6
    )
    assert found["questions"] == "judged" and found["n"] == 60 and found["folds"] == FOLDS
    # The weights that ship are those with which these lists score best.
    scores = {
        (name, w): metrics.means(
            metrics.score({q: join(dense[q], lexical[False][q], w) for q in dense}, judged)
        ).ndcg_10
        for name, join in ranking.FUSIONS.items()
        for w in (RANK_WEIGHTS if name == "ranks" else WEIGHTS)
    }
    assert scores[found["fusion"], found["dense_weight"]] == max(scores.values())


@pytest.mark.parametrize("lexical", [lambda n: -1, lambda n: 0 if n == 7 else -1])
def test_fusion_that_does_not_win_leaves_dense(lexical):
    found = chosen(*made(lambda n: n % 3, lexical), "judged")
    assert found["mode"] == "dense" and found["against_dense"]["verdict"] != "WIN"
    # Whoever asks for hybrid all the same gets the weight that hurts least.
    assert found["fusion"] == "scores" and found["dense_weight"] in WEIGHTS


@pytest.mark.parametrize(("questions", "mode"), [(FEWEST - 1, "dense"), (FEWEST, "hybrid")])
def test_few_questions_leave_dense_however_clear_they_are(questions, mode):
    found = chosen(*made(lambda n: 5, lambda n: 0, questions), "development")
    assert found["mode"] == mode and found["against_dense"]["verdict"] == "WIN" and found["n"] == questions


def test_questions_of_one_passage_prove_nothing():
    """They make one fold: no question is left that had no part in the choice."""
    dense, lexical, judged = made(lambda n: 5, lambda n: 0)
    same = {q: {"p00": 1} for q in judged}
    dense = {q: rank_of("p00", 5, n) for n, q in enumerate(dense)}
    lexical = {False: {q: rank_of("p00", 0, n) for n, q in enumerate(dense)}}
    found = chosen(dense, lexical, same, "judged")
    assert found["folds"] == 1 and found["mode"] == "dense"
    assert (
        found["ndcg@10"]["chosen, outer folds"] == found["ndcg@10"]["dense"]
        and found["against_dense"]["difference"] == 0
    )


def test_a_question_that_only_some_weights_like_does_not_lift_its_own_score():
    """All ways are as good for all other questions; this one is found by full text alone, so weights below some limit find it."""
    dense, lexical, judged = made(lambda n: 0, lambda n: 0)
    name, (right,) = "q011", judged["q011"]
    dense[name] = [(id_, score) for id_, score in dense[name] if id_ != right]
    lexical[False][name] = [(right, 1.0), *((id_, 0.9 - 0.01 * k) for k, (id_, _) in enumerate(dense[name]))]
    means = {
        w: metrics.means(
            metrics.score({q: ranking.fuse_scores(dense[q], lexical[False][q], w) for q in dense}, judged)
        ).ndcg_10
        for w in WEIGHTS
    }
    found = chosen(dense, lexical, judged, "judged")
    alone = found["ndcg@10"]["dense"]
    assert alone == pytest.approx(59 / 60, abs=1e-6) and max(means.values()) == 1.0 > min(means.values())
    # Chosen and measured on the same questions, a weight that finds it would show 1.
    assert found["ndcg@10"]["chosen, outer folds"] == alone and found["against_dense"]["difference"] == 0
    assert found["mode"] == "dense"


def test_stems_are_kept_where_they_win():
    found = chosen(*made(lambda n: 4, lambda n: -1, stems=lambda n: 0), "judged")
    assert (
        found["mode"] == "hybrid"
        and found["stems"]
        and found["ndcg@10"]["bm25, stems"] == 1.0 > found["ndcg@10"]["bm25"]
    )


def test_stems_are_chosen_by_full_text_alone():
    """Whoever asks, the database is the same: also where one encoder would be joined better with the other words."""

    def stems_of(n):
        return -1 if n % 2 else 0

    for dense in (lambda n: 0 if n % 2 else -1, lambda n: 5, lambda n: 0):
        found = chosen(*made(dense, lambda n: 1, stems=stems_of), "judged")
        assert found["ndcg@10"]["bm25"] > found["ndcg@10"]["bm25, stems"] and not found["stems"]
    found = chosen(*made(lambda n: 0 if n % 2 else -1, lambda n: 1, stems=stems_of), "judged")
    figures = found["ndcg@10"]
    assert (
        figures["scores, stems, outer folds"] > figures["scores, outer folds"] and found["mode"] == "hybrid"
    )


def test_where_dense_ships_full_text_keeps_the_stems_that_serve_it():
    """It answers alone where the model fails."""
    for stems, kept in ((lambda n: 8, True), (lambda n: 14, False), (lambda n: 9, False)):
        found = chosen(*made(lambda n: 0, lambda n: 9, stems=stems), "judged")
        assert found["mode"] == "dense" and found["stems"] == kept


def test_the_plainest_of_equals():
    found = chosen(*made(lambda n: 0, lambda n: 0, stems=lambda n: 0), "judged")
    assert found["mode"] == "dense" and not found["stems"]
    tried = candidates((False, True))
    assert tried[0].name == "dense" and len(set(tried)) == len(tried) == 1 + 2 * (
        len(WEIGHTS) + len(RANK_WEIGHTS)
    )
    assert not any(c.stems for c in candidates((False,)))


def test_the_order_of_the_questions_decides_nothing():
    dense, lexical, judged = made(lambda n: n % 5, lambda n: (n * 3) % 7, stems=lambda n: (n * 5) % 6)
    turned = [dict(reversed(rows.items())) for rows in (dense, lexical[False], lexical[True], judged)]
    first = chosen(dense, lexical, judged, "judged")
    again = chosen(turned[0], {True: turned[2], False: turned[1]}, turned[3], "judged")
    # A bootstrap draws by place, so its interval may move in the last digits; what is chosen and measured may not.
    keys = ("mode", "fusion", "dense_weight", "stems", "n", "folds", "ndcg@10")
    assert {k: first[k] for k in keys} == {k: again[k] for k in keys} and first == chosen(
        dense, lexical, judged, "judged"
    )


@given(
    st.dictionaries(
        st.text(min_size=1, max_size=4),
        st.dictionaries(st.sampled_from(PASSAGES[:9]), st.integers(1, 2), min_size=1),
        min_size=1,
    )
)
def test_folds(judged):
    folds = split(judged)
    every = [q for fold in folds for q in fold]
    assert sorted(every) == sorted(judged) and all(folds) and len(folds) <= FOLDS
    where = {q: n for n, fold in enumerate(folds) for q in fold}
    for one in judged:
        for other in judged:
            if min(judged[one]) == min(judged[other]):
                assert where[one] == where[other]
    assert folds == split(dict(reversed(judged.items())))


def test_a_passage_judged_irrelevant_joins_no_fold():
    judged = {"q1": {"p1": 0, "p9": 1}, "q2": {"p1": 1}, "q3": {"p9": 2}}
    assert {frozenset(fold) for fold in split(judged)} == {frozenset({"q1", "q3"}), frozenset({"q2"})}


@settings(max_examples=15)
@given(st.integers(0, 2**32 - 1))
def test_noise_seldom_wins_and_figures_are_within_bounds(seed):
    chance = np.random.default_rng(seed)
    places = chance.integers(0, 20, (2, 60))
    found = chosen(*made(lambda n: int(places[0, n]), lambda n: int(places[1, n])), "judged")
    figures = found["ndcg@10"]
    assert all(0 <= value <= 1 for value in figures.values()) and found["fusion"] in ranking.FUSIONS
    assert (found["mode"] == "hybrid") == (found["against_dense"]["verdict"] == "WIN")
    low, high = found["against_dense"]["interval"]
    assert low <= found["against_dense"]["difference"] <= high


def test_a_passage_that_is_the_question_has_no_part_in_the_choice():
    """Full text finds the question itself first, and the answer next to it."""
    dense, lexical, judged = made(lambda n: 2, lambda n: 0)
    itself = {q: "zz" for q in dense}
    twice = {False: {q: [("zz", 9.0), *ranked] for q, ranked in lexical[False].items()}}
    without = choose(dense, lexical, judged, "judged")
    found = choose(dense, twice, judged, "judged", {q: (id_,) for q, id_ in itself.items()})
    assert found.ndcg_10["bm25"] == without.ndcg_10["bm25"] == 1.0
    assert choose(dense, twice, judged, "judged").ndcg_10["bm25"] < 1


def test_without_questions_it_is_a_default_that_says_so():
    found = unmeasured(stems=True)
    assert (found.mode, found.fusion, found.dense_weight) == ("hybrid", "scores", 0.5)
    assert found.stems and found.questions == "none" and found.n == 0 and found.against_dense is None
