"""Two shares and their difference: intervals that hold for few answers and for shares near 0 and 1."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from pocketrag.reference.metrics import CONFIDENCE


class Compared(NamedTuple):
    """A difference new - old, and its interval."""

    old: float
    new: float
    low: float
    high: float


def wilson(count: int, n: int) -> tuple[float, float]:
    """Return the score interval of a share (Wilson, J. Am. Stat. Assoc. 22, 1927)."""
    from scipy.stats import binomtest

    low, high = binomtest(count, n).proportion_ci(CONFIDENCE, method="wilson")
    return float(low), float(high)


def unpaired(old: Sequence[bool], new: Sequence[bool]) -> Compared:
    """Compare answers to different questions; at least one each.

    The interval is Newcombe's, method 10 of "Interval estimation for the difference between independent
    proportions" (Statistics in Medicine 17, 1998).
    """
    return _newcombe(old, new, 0.0)


def paired(old: Sequence[bool], new: Sequence[bool]) -> Compared:
    """Compare answers to the same questions, in the same order; at least one.

    Method 10 of Newcombe's "Improved confidence intervals for the difference between binomial proportions
    based on paired data" (Statistics in Medicine 17, 1998), with its continuity correction.
    """
    return _newcombe(old, new, _phi(np.asarray(old, bool), np.asarray(new, bool)))


def needed(old: Sequence[bool], new: Sequence[bool], matters: float, *, pairs: bool) -> int:
    """Return how many answers of each version make an interval of at most `matters` from end to end.

    Then it lies beside 0 or within `matters` of it, whatever the difference. By the normal approximation,
    with the shares seen so far, one answer of each kind added.
    """
    if pairs:
        differ = sum(a != b for a, b in zip(old, new, strict=True))
        variance = (differ + 1) / (len(old) + 2)
    else:
        share = (sum(old) + sum(new) + 1) / (len(old) + len(new) + 2)
        variance = 2 * share * (1 - share)
    return math.ceil(variance * (_z() / (matters / 2)) ** 2)


def _z() -> float:
    from scipy.stats import norm

    return float(norm.ppf((1 + CONFIDENCE) / 2))


def _newcombe(old: Sequence[bool], new: Sequence[bool], phi: float) -> Compared:
    ups, later = int(sum(old)), int(sum(new))
    a, b = ups / len(old), later / len(new)
    (a_low, a_high), (b_low, b_high) = wilson(ups, len(old)), wilson(later, len(new))
    down, up = _joined(b - b_low, a_high - a, phi), _joined(b_high - b, a - a_low, phi)
    return Compared(a, b, b - a - down, b - a + up)


def _joined(one: float, other: float, phi: float) -> float:
    return math.sqrt(max(0.0, one**2 - 2 * phi * one * other + other**2))


def _phi(old: np.ndarray, new: np.ndarray) -> float:
    both, neither = int((old & new).sum()), int((~old & ~new).sum())
    lost, won = int((old & ~new).sum()), int((~old & new).sum())
    margins = (both + lost) * (won + neither) * (both + won) * (lost + neither)
    if not margins:
        return 0.0
    product = both * neither - lost * won
    corrected = max(product - len(old) / 2, 0) if product > 0 else product
    return float(corrected / math.sqrt(margins))
