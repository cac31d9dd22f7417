"""Was the machine quiet? A reference workload is timed between the repeats.

When it varies, so does everything else.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from pocketrag.formats.facts.phone.latency import ReferenceTimes, RunFacts, Times

#: One side of the reference's matrices: 192 x 192 products take about as long as a short text on a small
#: model.
SIDE = 192
#: Half the values of a quiet machine lie within a few hundredths of their median; beyond this, ratios of
#: single runs mislead.
QUIET_SPREAD = 0.10
#: The last third against the first: a core that gets hot, or a neighbour that comes, slows what is measured
#: last.
QUIET_DRIFT = 1.10
#: One run in twenty this much slower than the median: another process had a core that these threads waited
#: for.
QUIET_TAIL = 1.5

_LEFT = np.random.default_rng(0).standard_normal((SIDE, SIDE)).astype(np.float32)


def reference() -> float:
    """Run the reference workload (four float32 matrix products of 192 x 192); return its seconds."""
    start = time.perf_counter()
    product = _LEFT
    for _ in range(4):
        product = _LEFT @ product
        product = product / np.abs(product).max()
    return time.perf_counter() - start


def summary(seconds: Sequence[float]) -> Times:
    """Return n, median and percentiles (90th, 95th, 99th) in milliseconds."""
    values = np.asarray(seconds) * 1e3
    p50, p90, p95, p99 = (round(float(v), 3) for v in np.percentile(values, (50, 90, 95, 99)))
    return Times(n=len(values), median_ms=p50, p90_ms=p90, p95_ms=p95, p99_ms=p99)


def judge_quietness(seconds: Sequence[float]) -> ReferenceTimes:
    """Say how quiet the machine was by the reference's times.

    Its spread (interquartile range / median) and its drift.

    Drift is the median of the last third over that of the first. `noisy` is true where either is beyond its
    limit.
    """
    values = np.asarray(seconds)
    low, median, high = np.percentile(values, (25, 50, 75))
    third = max(1, len(values) // 3)
    spread, drift = (
        float((high - low) / median),
        float(np.median(values[-third:]) / np.median(values[:third])),
    )
    noisy = spread > QUIET_SPREAD or drift > QUIET_DRIFT
    return ReferenceTimes(
        **dict(summary(seconds)), spread=round(spread, 3), drift=round(drift, 3), noisy=noisy
    )


def notes(judged: ReferenceTimes) -> list[str]:
    """Return what a reader must know about the machine, in sentences."""
    found = []
    if judged.spread > QUIET_SPREAD:
        found.append(
            f"noisy: the reference workload varied by {judged.spread:.0%} (half its runs); "
            "other work ran beside"
        )
    if judged.drift > QUIET_DRIFT:
        found.append(
            f"slowed down: the reference workload took {judged.drift:.2f} times as long at the end "
            "(heat, or a neighbour)"
        )
    return found


def ragged(run: RunFacts) -> list[str]:
    """Return a sentence for a run of which one length was interrupted.

    Its 95th percentile is far from its median.
    """
    tails = {size: row.p95_ms / row.median_ms for size, row in run.lengths.items()}
    worst = max(tails, key=lambda size: tails[size])
    if tails[worst] <= QUIET_TAIL:
        return []
    what = f"{run.runtime}, {run.threads} threads, {worst} tokens"
    return [f"noisy: {what}: the 95th percentile is {tails[worst]:.1f} times the median"]
