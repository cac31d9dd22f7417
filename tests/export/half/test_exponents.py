"""Exponents: no higher than what fits, no lower than they must be, and moved as rarely as can be."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pocketrag.export.half.exponents import (
    LARGEST,
    LEAST,
    SHARE,
    SLACK,
    few_steps,
    for_squares,
    for_value,
    room,
    shift,
)

SIZES = st.floats(min_value=1e-30, max_value=1e30)


@given(SIZES)
def test_a_value_fits_and_would_not_with_one_more(peak):
    exponent = for_value(peak)
    assert exponent <= 0 and peak * 2.0**exponent <= LARGEST * SHARE
    assert exponent == 0 or peak * 2.0 ** (exponent + 1) > LARGEST * SHARE


@given(SIZES)
def test_the_squares_of_a_row_fit_and_would_not_with_one_more(length):
    exponent, most = for_squares(length), LARGEST * SHARE
    assert exponent <= 0 and (length * 2.0**exponent) ** 2 <= most * (1 + 1e-15)
    assert exponent == 0 or (length * 2.0 ** (exponent + 1)) ** 2 > most * (1 - 1e-15)


def test_nothing_seen_needs_nothing():
    assert for_value(0.0) == for_squares(0.0) == 0


@given(st.lists(st.integers(-12, 0), min_size=1, max_size=7))
def test_hidden_states_move_as_rarely_as_can_be(wanted):
    found = few_steps(wanted)
    assert len(found) == len(wanted)
    assert all(want - SLACK <= one <= want for one, want in zip(found, wanted, strict=True))
    assert steps(found) == fewest(wanted)


def steps(exponents):
    return sum(a != b for a, b in itertools.pairwise(exponents))


def fewest(wanted):
    """By trying every exponent that each place allows, from left to right."""
    best = {one: 0 for one in range(wanted[0] - SLACK, wanted[0] + 1)}
    for want in wanted[1:]:
        cheapest = min(best.values())
        best = {one: min(best.get(one, math.inf), cheapest + 1) for one in range(want - SLACK, want + 1)}
    return min(best.values())


@pytest.mark.parametrize(("smallest", "most"), [(1.0, -10), (0.01, -4), (0.0007, 0), (1e-6, 0)])
def test_a_matrix_bears_so_much_before_a_block_of_four_bits_is_lost(smallest, most):
    import torch

    matrix = torch.ones(4, 64)
    matrix[2, 32:] = 0.0
    matrix[3, :32] = smallest * torch.linspace(-1, 1, 32)
    assert room(matrix) == most
    shift(most, matrix)
    assert most == 0 or LEAST <= float(matrix[3, :32].abs().max()) < 2 * LEAST
    assert room(torch.zeros(2, 32)) == 0 and room(torch.ones(2, 3)) == -10
