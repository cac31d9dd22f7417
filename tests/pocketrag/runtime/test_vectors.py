import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pocketrag.runtime import ranking
from pocketrag.runtime.vectors import CANDIDATES, EXACT, Vectors, nearest_bits, signs

ROWS = arrays(np.int8, st.tuples(st.integers(1, 40), st.just(8)), elements=st.integers(-127, 127))


def names(n):
    return [f"p{i:05}" for i in range(n)]


def unit(n, dims, seed=0):
    vectors = np.random.default_rng(seed).normal(size=(n, dims)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def reference(question, ids, rows, limit):
    """Python's own integers."""
    query, _ = ranking.quantize_question(question)
    scored = (
        (-sum(int(a) * int(b) for a, b in zip(row, query, strict=True)), id_)
        for row, id_ in zip(rows, ids, strict=True)
    )
    return [id_ for _, id_ in sorted(scored)][:limit]


@given(ROWS, st.integers(1, 50), st.integers(0, 2**32 - 1), st.sets(st.integers(0, 39)))
def test_brute_force_equals_an_independent_reference(rows, limit, seed, some):
    question, ids = np.random.default_rng(seed).normal(size=8).astype(np.float32), names(len(rows))
    vectors = Vectors(ids, rows, 0.01)
    assert [id_ for id_, _ in vectors.nearest(question, limit)] == reference(question, ids, rows, limit)
    allowed = {ids[i] for i in some if i < len(ids)}
    kept = [i for i, id_ in enumerate(ids) if id_ in allowed]
    assert [id_ for id_, _ in vectors.nearest(question, limit, allowed)] == reference(
        question, [ids[i] for i in kept], rows[kept], limit
    )


@pytest.mark.parametrize("dims", [8, 768, 1040, 1536])
def test_products_are_exact_integers_at_any_width(dims):
    rows = np.full((3, dims), 127, np.int8)
    rows[1, 0], rows[2, 0] = 126, 125
    found = Vectors(names(3), rows, 1.0).nearest(np.ones(dims, np.float32), 3)
    assert [round(score * 127) for _, score in found] == [127 * 127 * dims - 127 * n for n in range(3)]
    assert 127**2 * 1040 < EXACT < 127**2 * 1041


def test_ties_are_broken_by_id_also_at_the_cut():
    found = Vectors(["a", "b", "c", "d", "e"], np.ones((5, 4), np.int8), 1.0).nearest(
        np.ones(4, np.float32), 3
    )
    assert [id_ for id_, _ in found] == ["a", "b", "c"]


def test_the_score_is_the_cosine():
    vectors = unit(50, 64)
    scale = ranking.corpus_scale(vectors)
    found = dict(Vectors(names(50), ranking.quantize(vectors, scale), scale).nearest(vectors[3], 50))
    for i, id_ in enumerate(names(50)):
        assert abs(found[id_] - float(vectors[i] @ vectors[3])) < 0.02


@given(arrays(np.int8, st.tuples(st.integers(1, 20), st.integers(1, 130)), elements=st.integers(-127, 127)))
def test_the_bits_are_the_signs(rows):
    bits = signs(rows)
    for left in range(len(rows)):
        for right in range(len(rows)):
            differ = int(np.bitwise_count(bits[left] ^ bits[right]).sum())
            assert differ == int(((rows[left] > 0) != (rows[right] > 0)).sum())


@given(
    arrays(np.uint64, st.tuples(st.integers(1, 3), st.integers(1, 30)), elements=st.integers(0, 7)),
    st.integers(1, 40),
)
def test_the_first_stage_keeps_the_nearest_and_of_equals_the_first(bits, keep):
    query = np.full(len(bits), 5, np.uint64)
    differ = [sum(bin(int(word) ^ 5).count("1") for word in column) for column in bits.T]
    wanted = sorted(sorted(range(len(differ)), key=lambda i: (differ[i], i))[:keep])
    assert nearest_bits(bits, query, keep).tolist() == wanted


def test_two_stages_keep_the_same_candidates_everywhere_and_rank_them_exactly():
    vectors = unit(3 * CANDIDATES, 64, seed=2)
    scale = ranking.corpus_scale(vectors)
    rows, ids = ranking.quantize(vectors, scale), names(len(vectors))
    two, one = Vectors(ids, rows, scale, brute=10), Vectors(ids, rows, scale)
    for question in unit(5, 64, seed=3):
        query, _ = ranking.quantize_question(question)
        differ = ((rows > 0) != (query > 0)).sum(1)
        kept = sorted(range(len(ids)), key=lambda i: (differ[i], i))[:CANDIDATES]
        assert two.nearest(question, 10) == one.nearest(question, 10, {ids[i] for i in kept})


def test_two_stages_find_what_is_near_and_few_allowed_are_all_compared():
    vectors = unit(3 * CANDIDATES, 64, seed=4)
    scale = ranking.corpus_scale(vectors)
    rows, ids = ranking.quantize(vectors, scale), names(len(vectors))
    two, one = Vectors(ids, rows, scale, brute=10), Vectors(ids, rows, scale)
    assert two.nearest(vectors[7], 1)[0][0] == ids[7]
    allowed = set(ids[::5])
    assert two.nearest(vectors[9], 20, allowed) == one.nearest(vectors[9], 20, allowed)
