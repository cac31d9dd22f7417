import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pocketrag import ranking

VECTORS = arrays(np.float32, st.tuples(st.integers(1, 40), st.just(8)), elements=st.floats(-1, 1, width=16))


@given(VECTORS.filter(lambda v: np.abs(v).max() > 0))
def test_quantize_is_within_half_a_step(vectors):
    scale = ranking.corpus_scale(vectors)
    stored = ranking.quantize(vectors, scale)
    assert stored.dtype == np.int8 and np.abs(stored).max() == 127
    assert np.abs(stored * scale - vectors).max() <= scale / 2 * 1.001


@given(VECTORS.filter(lambda v: np.abs(v).max() > 0), st.integers(1, 50), st.integers(0, 2**32 - 1))
def test_dense_equals_an_independent_reference(vectors, limit, seed):
    scale = ranking.corpus_scale(vectors)
    stored = ranking.quantize(vectors, scale)
    ids = [f"p{i % 7}{i}" for i in range(len(vectors))]
    question = np.random.default_rng(seed).normal(size=8).astype(np.float32)
    query, _ = ranking.quantize_question(question)
    reference = sorted(
        ((-sum(int(a) * int(b) for a, b in zip(row, query, strict=True)), id_) for row, id_ in zip(stored, ids, strict=True))
    )
    assert [id_ for id_, _ in ranking.dense_int8(question, ids, stored, scale, limit)] == [id_ for _, id_ in reference][:limit]


def test_ties_are_broken_by_id_also_at_the_cut():
    vectors = np.ones((5, 4), np.int8)
    found = ranking.dense_int8(np.ones(4, np.float32), ["e", "c", "a", "d", "b"], vectors, 1.0, 3)
    assert [id_ for id_, _ in found] == ["a", "b", "c"]


def test_dense_score_is_the_cosine():
    rng = np.random.default_rng(1)
    vectors = rng.normal(size=(50, 64)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    scale = ranking.corpus_scale(vectors)
    found = dict(ranking.dense_int8(vectors[3], [str(i) for i in range(50)], ranking.quantize(vectors, scale), scale, 50))
    for i in range(50):
        assert abs(found[str(i)] - float(vectors[i] @ vectors[3])) < 0.02


def test_fuse_by_hand():
    fused = ranking.fuse([("a", 0.9), ("b", 0.5), ("c", 0.1)], [("b", 7.0), ("d", 3.0)], 0.8)
    assert [id_ for id_, _ in fused] == ["a", "b", "c", "d"]
    assert dict(fused) == pytest.approx({"a": 0.8, "b": 0.8 * 0.5 + 0.2 * 1.0, "c": 0.0, "d": 0.0})


def test_fuse_with_an_empty_list_keeps_the_other_order():
    dense = [("a", 0.9), ("b", 0.5)]
    assert [id_ for id_, _ in ranking.fuse(dense, [], 0.8)] == ["a", "b"]
    assert ranking.fuse([], [], 0.5) == []
