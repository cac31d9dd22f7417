"""The floor: what is no better than chance, or gives all passages one vector, falls whatever it is compared with."""

from types import SimpleNamespace

import numpy as np
import pytest
from pocketrag.bench.gates.floor import chance, mean_cosine, spread
from pocketrag.bench.quality.chance import against_chance

#: In the place of a comparison: the recipe names no questions.
NO_QUESTIONS = {"none": "at all"}


def manifest(rows, mode="hybrid"):
    return SimpleNamespace(
        verdict=SimpleNamespace(shipped=rows),
        has_questions=rows is not NO_QUESTIONS,
        fusion=SimpleNamespace(mode=mode),
    )


def row(hits, n, passages):
    """Of `n` questions with a passage each, `hits` found first and so among ten."""
    judged = {f"q{i}": {f"p{i}": 1} for i in range(n)}
    scores = {measure: {f"q{i}": float(i < hits) for i in range(n)} for measure in ("hit@1", "hit@10")}
    return {k: v.as_json() for k, v in against_chance(scores, judged, passages).items()}


@pytest.mark.parametrize(
    ("hits", "n", "passages", "outcome"),
    [
        (1, 40, 40, "fail"),
        (20, 40, 40, "pass"),
        (0, 9, 40, "unchecked"),
        (3, 3, 40, "pass"),
        (1, 1, 1, "skipped"),
        (12, 40, 8, "pass"),
    ],
)
def test_better_than_chance_by_an_interval(hits, n, passages, outcome):
    assert chance(None, manifest({"against_chance": row(hits, n, passages)})).outcome == outcome


def test_a_bundle_of_before_is_unchecked():
    assert chance(None, manifest({})).outcome == chance(None, manifest(None)).outcome == "unchecked"


def test_without_questions_it_is_unchecked_and_says_so():
    found = chance(None, manifest(NO_QUESTIONS))
    assert found.outcome == "unchecked" and "no judged questions" in found.detail


def test_the_chance_of_several_relevant_passages():
    found = against_chance({"hit@1": {"q": 1.0}, "hit@10": {"q": 1.0}}, {"q": {"a": 2, "b": 1, "c": 0}}, 20)
    assert found["hit@1"].chance == 0.1
    assert found["hit@10"].chance == pytest.approx(1 - (10 * 9) / (20 * 19), abs=1e-6)


def opened(rows, mode="hybrid"):
    return SimpleNamespace(
        rag=SimpleNamespace(database=SimpleNamespace(vectors=rows)), manifest=manifest(None, mode)
    )


def test_where_full_text_alone_is_searched_nobody_judges_vectors():
    alike = np.full((50, 32), 100, np.int8)
    assert spread(opened(alike, "bm25")).outcome == "skipped"
    assert chance(None, manifest({"against_chance": row(1, 40, 40)}, "bm25")).outcome == "skipped"


def test_vectors_that_are_alike():
    apart = np.random.default_rng(0).integers(-127, 128, (50, 32)).astype(np.int8)
    assert spread(opened(apart)).outcome == "pass" and spread(opened(apart[:1])).outcome == "skipped"
    assert spread(opened(np.repeat(apart[:1], 50, axis=0))).outcome == "fail"
    near = np.full((50, 32), 100, np.int8) + (apart // 40)
    assert spread(opened(near)).outcome == "fail" and mean_cosine(near) > 0.99
