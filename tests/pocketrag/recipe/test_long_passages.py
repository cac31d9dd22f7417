"""Passages longer than a model takes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pocketrag.errors import InputError
from pocketrag.recipe import long_passages


@given(st.integers(1, 400), st.integers(3, 64))
def test_parts_hold_every_token_once_between_the_special_ones(count, longest):
    body = list(range(100, 100 + count))
    parts = long_passages.pieces([2, *body, 1], longest, "split")
    assert [token for part in parts for token in part[1:-1]] == body
    assert all(part[0] == 2 and part[-1] == 1 and len(part) <= longest for part in parts)
    sizes = [len(part) for part in parts]
    assert max(sizes) - min(sizes) <= 1 and len(parts) == -(-count // (longest - 2))


def test_a_long_passage_is_cut_or_the_mean_of_its_parts():
    ids = [2, *range(10, 20), 1]
    assert long_passages.pieces(ids, 12, "split") == long_passages.pieces(ids, 12, "cut") == [ids]
    assert long_passages.pieces(ids, 7, "cut") == [[2, 10, 11, 12, 13, 14, 1]]
    assert long_passages.pieces(ids, 7, "split") == [[2, 10, 11, 12, 13, 14, 1], [2, 15, 16, 17, 18, 19, 1]]
    first, second = np.eye(2, 4, dtype=np.float32)
    assert long_passages.joined([first]) is first
    assert long_passages.joined([first, second]) == pytest.approx(np.array([1, 1, 0, 0]) / 2**0.5)


def test_long_passages_are_counted_or_refused():
    counts = {"a": 10, "b": 33, "c": 40}
    assert (
        long_passages.refuse("cut", "corpus.jsonl", counts, 32) == 2
        and long_passages.refuse("fail", "corpus.jsonl", counts, 40) == 0
    )
    with pytest.raises(InputError, match=r"corpus.jsonl: 2 passages exceed the 32 tokens .* 'b' with 33"):
        long_passages.refuse("fail", "corpus.jsonl", counts, 32)
