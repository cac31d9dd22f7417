"""Intervals of the difference of two shares: the published examples, and that they hold as often as they say."""

import numpy as np
import pytest
from pocketrag.bench.quality.proportions import needed, paired, unpaired


def of(ups, n):
    return [True] * ups + [False] * (n - ups)


#: Newcombe 1998 (independent), table II, method 10: old and new as (ups, n), and the interval of their difference.
INDEPENDENT = [
    ((48, 80), (56, 70), (0.0524, 0.3339)),
    ((3, 10), (9, 10), (0.1705, 0.8090)),
    ((2, 7), (6, 7), (0.0582, 0.8062)),
    ((0, 29), (5, 56), (-0.0381, 0.1926)),
    ((0, 20), (0, 10), (-0.1611, 0.2775)),
    ((0, 10), (10, 10), (0.6075, 1.0)),
]


@pytest.mark.parametrize(("old", "new", "interval"), INDEPENDENT)
def test_published_intervals_of_independent_shares(old, new, interval):
    found = unpaired(of(*old), of(*new))
    assert (found.low, found.high) == pytest.approx(interval, abs=1.5e-4)


def table(both, lost, won, neither):
    """Pairs as old and new."""
    old = [True] * (both + lost) + [False] * (won + neither)
    return old, [True] * both + [False] * lost + [True] * won + [False] * neither


def test_pairs_are_more_telling_than_the_same_answers_alone():
    old, new = table(60, 2, 12, 26)
    alone, together = unpaired(old, new), paired(old, new)
    assert together.new - together.old == pytest.approx(0.1) and alone.low < 0 < together.low
    assert paired(new, old).high == pytest.approx(-together.low)


@pytest.mark.parametrize("interval", [unpaired, paired])
def test_few_answers_tell_little(interval):
    for n in (1, 2, 3, 10, 20):
        for ups in (0, n // 2, n):
            same = interval(of(ups, n), of(ups, n))
            assert same.low < -0.05 and same.high > 0.05, (n, ups)
    assert interval([False], [True]).low < 0


def test_they_hold_as_often_as_they_say():
    """Of 1 000 draws with a known difference, about 95 % of the intervals hold it; shares near 0, and in pairs."""
    rng = np.random.default_rng(0)
    for old, new, n in ((0.7, 0.8, 60), (0.02, 0.05, 80), (0.95, 0.9, 40)):
        alone = [unpaired(rng.random(n) < old, rng.random(n) < new) for _ in range(1000)]
        assert 0.93 <= np.mean([one.low <= new - old <= one.high for one in alone]) <= 0.99
        shared = []
        for _ in range(1000):
            luck = np.where(rng.random(n) < 0.7, rng.random(n), np.nan)
            first, second = (np.where(np.isnan(luck), rng.random(n), luck) < share for share in (old, new))
            shared.append(paired(first, second))
        assert 0.93 <= np.mean([one.low <= new - old <= one.high for one in shared]) <= 1


@pytest.mark.parametrize("difference", [0, 0.01, 0.025, 0.04, 0.2])
def test_so_many_answers_tell_whatever_the_difference(difference):
    n = needed(of(60, 100), of(60, 100), 0.05, pairs=False)
    assert 2500 < n < 3300
    found = unpaired(of(int(0.6 * n), n), of(int((0.6 + difference) * n), n))
    assert found.low > 0 or found.high <= 0.0505
    assert needed(*table(60, 2, 2, 36), 0.05, pairs=True) < n / 5
