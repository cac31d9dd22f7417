"""What families that have RMSNorms or pre-norm layers share when they are brought inside fp16."""

from __future__ import annotations

from torch import nn

from ..model.rms_norm import RmsNorm
from .exponents import for_squares, for_value, room_of_squares, shift
from .peaks import Passed, Peaks


def carry(norm: RmsNorm | nn.LayerNorm, given: int, made: int) -> None:
    """Tell a norm without bias that what it is given comes scaled by 2 ** given.

    Its result shall be scaled by 2 ** made.
    """
    norm.eps *= 4.0**given
    shift(made, norm.weight)


def of_layer(peaks: Peaks, layer: int) -> dict[str, Passed]:
    """Return what passed a layer's modules, by their names in it."""
    prefix = f"transformer.layers.{layer}."
    return {name.removeprefix(prefix): one for name, one in peaks.modules.items() if name.startswith(prefix)}


def before_norm(passed: Passed) -> int:
    """Return the exponent that brings what a norm is given inside fp16, and its squares."""
    return min(for_value(passed.given), for_squares(passed.given_length))


def shared(between: int, result: int, bears: int) -> tuple[int, int]:
    """Return exponents of two matrices of which what comes between them must fit, and the result.

    As much of that in the first as its 4-bit scales bear, the rest in the second.
    """
    first = min(0, between, max(result, bears))
    return first, min(0, result - first)


def exact(between: int, result: int, first: int, second: int) -> tuple[int, int]:
    """Return exponents of two matrices that together give `result`.

    The first lowers what must lie low between them, and what the second does not bear.

    Args:
        between: what comes between them needs.
        result: the sum.
        first: the lowest exponent that the 4-bit scales of the first matrix bear.
        second: that of the second.

    >>> exact(0, -4, -6, -6), exact(-2, 0, -6, -6), exact(0, -11, -6, -6)
    ((0, -4), (-2, 2), (-5, -6))

    """
    low = min(0, between, max(result - second, first))
    return low, result - low


def normalized(norm: Passed, given: Passed, also: int) -> int:
    """Return the exponent of queries and keys in front of their norm.

    Args:
        norm: theirs, whose input must keep its squares normal.
        given: the result of the norm before, that carries the exponent.
        also: what else of the same matrix needs.

    """
    both = min(for_value(given.made), for_squares(norm.given_length))
    return min(both, max(also, room_of_squares(norm.given_mean_square)))
