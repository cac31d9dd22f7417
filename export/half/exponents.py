"""Which powers of two: from the largest magnitude seen to an exponent, only ever downwards.

A power of two changes no digit of a float32 product, so that what is scaled down here and made up for there
is the same number to the bit. What fits is left alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

#: The least normal fp16 number: below it digits are lost, and some processors take it for 0.
NORMAL = 2.0**-14
#: Name -> an exponent a layer, or one: what a family scales by 2 to that power.
Exponents = dict[str, list[int]]

#: The largest fp16 number.
LARGEST = 65504.0
#: What calibration texts may reach of it, and what any other text may. A square reaches the second share when
#: a value is 1.4 times as large as in all calibration texts, and overflows at twice.
SHARE, LIMIT = 1 / 4, 1 / 2
#: How many exponents the hidden states may lie lower than they had to: each product that moves them costs
#: time, and what lies low loses digits.
SLACK = 2
#: A 4-bit scale is stored in fp16 and is a tenth of the largest weight of its block, or more
#: (export/quantization/gptq.py); XNNPACK takes none below the least normal number. 32 is the smallest block.
BLOCK, LEAST = 32, 10 * NORMAL


def for_value(peak: float) -> int:
    """Return the exponent that brings a magnitude to `SHARE` of fp16's range.

    >>> for_value(10000.0), for_value(20000.0), for_value(155000.0)
    (0, -1, -4)
    """
    return _down(LARGEST * SHARE, peak)


def for_squares(length: float) -> int:
    """Return the exponent that brings the squares of a row of this Euclidean length, summed, there.

    >>> for_squares(127.0), for_squares(155000.0)
    (0, -11)
    """
    return _down(math.sqrt(LARGEST * SHARE), length)


def few_steps(wanted: Sequence[int]) -> list[int]:
    """Return exponents nowhere above `wanted`, at most `SLACK` below, that change as rarely as can be.

    >>> few_steps([0, 0, -1, -2, -3, -9, -9])
    [-2, -2, -2, -2, -3, -9, -9]
    """
    runs: list[list[int]] = []
    for exponent in wanted:
        if runs and max(*runs[-1], exponent) - min(*runs[-1], exponent) <= SLACK:
            runs[-1].append(exponent)
        else:
            runs.append([exponent])
    return [min(run) for run in runs for _ in run]


def room(matrix: Tensor) -> int:
    """Return the lowest exponent that float [out, in] bears while every 4-bit block keeps its scale."""
    width = matrix.shape[1]
    tops = matrix.detach().abs().reshape(-1, BLOCK if width % BLOCK == 0 else width).amax(-1)
    tops = tops[tops > 0]
    return _above(float(tops.min()) / LEAST) if tops.numel() else 0


def room_of_squares(mean_square: float) -> int:
    """Return the lowest exponent that values of this mean square bear while it stays normal in fp16.

    >>> room_of_squares(1.0), room_of_squares(4.0), room_of_squares(1e-5)
    (-7, -8, 0)
    """
    return _above(math.sqrt(mean_square / NORMAL)) if mean_square > 0 else 0


def shift(exponent: int, *tensors: Tensor) -> None:
    """Multiply tensors by 2 to this power, in place."""
    for tensor in tensors:
        tensor.data.mul_(2.0**exponent)


def _above(times: float) -> int:
    return -max(0, math.frexp(times)[1] - 1)


def _down(limit: float, peak: float) -> int:
    # frexp and not log2, which may round up to the next whole number.
    return min(0, math.frexp(limit / peak)[1] - 1) if peak > 0 else 0
