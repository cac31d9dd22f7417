import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pocketrag.runtime import ranking

VECTORS = arrays(np.float32, st.tuples(st.integers(1, 40), st.just(8)), elements=st.floats(-1, 1, width=16))


@given(VECTORS.filter(lambda v: np.abs(v).max() > 0))
def test_quantize_is_within_half_a_step(vectors):
    scale = ranking.corpus_scale(vectors)
    stored = ranking.quantize(vectors, scale)
    assert stored.dtype == np.int8 and 119 <= np.abs(stored).max() <= 127
    assert np.abs(stored * scale - vectors).max() <= scale / 2 * 1.001


@given(st.floats(1e-6, 1e6), st.floats(1, 2))
def test_the_scale_moves_in_steps(largest, more):
    """So a passage more seldom changes the bytes of all."""
    before, after = (ranking.corpus_scale(np.array([[x]])) for x in (largest, largest * more))
    assert largest / 127 <= before * (1 + 1e-15) < largest / 127 * 17 / 16 * (1 + 1e-9)
    assert before <= after
    assert (np.frexp(before)[0] * 32).is_integer()


def test_the_scale_of_a_passage_more():
    vectors = np.random.default_rng(1).normal(size=(99, 8)).astype(np.float32)
    vectors /= np.abs(vectors).max()
    assert len({ranking.corpus_scale(vectors * np.float32(x)) for x in (0.993, 0.996, 1.0, 1.01, 1.015)}) == 1


def test_fuse_scores_by_hand():
    fused = ranking.fuse_scores([("a", 0.9), ("b", 0.5), ("c", 0.1)], [("b", 7.0), ("d", 3.0)], 0.8)
    assert [id_ for id_, _ in fused] == ["a", "b", "c", "d"]
    assert dict(fused) == pytest.approx({"a": 0.8, "b": 0.8 * 0.5 + 0.2 * 1.0, "c": 0.0, "d": 0.0})


def test_fuse_ranks_by_hand():
    fused = ranking.fuse_ranks([("a", 0.9), ("b", 0.5)], [("b", 7.0), ("d", 3.0)], 0.5)
    assert [id_ for id_, _ in fused] == ["b", "a", "d"]
    assert dict(fused) == pytest.approx({"a": 0.5 / 61, "b": 0.5 / 62 + 0.5 / 61, "d": 0.5 / 62})


@pytest.mark.parametrize("join", ranking.FUSIONS.values())
def test_fuse_with_an_empty_list_keeps_the_other_order(join):
    dense = [("a", 0.9), ("b", 0.5)]
    assert [id_ for id_, _ in join(dense, [], 0.8)] == ["a", "b"]
    assert join([], [], 0.5) == []


@given(st.lists(st.integers(-3, 3), max_size=30), st.integers(0, 40))
def test_the_best_are_the_highest_and_of_equals_the_first(scores, limit):
    assert (
        ranking.best(np.array(scores, np.int64), limit).tolist()
        == sorted(range(len(scores)), key=lambda i: (-scores[i], i))[:limit]
    )


def test_float_ties_are_broken_by_id():
    found = ranking.dense_float(np.ones(2, np.float32), ["c", "a", "b"], np.ones((3, 2), np.float32), 2)
    assert [id_ for id_, _ in found] == ["a", "b"]
