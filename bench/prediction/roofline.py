"""Time from cost and device: a roofline with two efficiencies.

The efficiencies come from published times, and so does how far off it is.

    ms = int8 / (e1 * peak int8) + (float32 + 8 * elements) / (e2 * peak float32) + bytes of weights /
    bandwidth + operations

after Williams, Waterman, Patterson, https://doi.org/10.1145/1498765.1498785. The roofline's maximum is a sum
here: a short input reads its weights and multiplies with them in turn, and on the host a sum keeps the
measured ratios better (docs/prediction.md). e1 and e2 are fitted, the constants below are not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .cost import Cost
from .devices import Device
from .published import CHECKS, POINTS, Point

#: What the published times were measured with.
THREADS = 4
#: Float multiply-accumulates that take as long as one element of a norm, an activation, a mask or a copy.
#: docs/speed.md: EmbeddingGemma at 256 tokens, 7 ms for 191 M such elements beside 10.4 ms for 2416 M
#: products of attention: 8.5.
ELEMENT = 8
#: Share of the memory's bandwidth that the cores reach: an assumption, no source found. It matters below 64
#: tokens only.
REACHED = 0.5
#: Milliseconds an operation costs beyond its work, the meeting of four threads: an assumption. 91 operations
#: of a tiny model take .02 ms with one thread of the host and .03 ms with two; a phone's clusters are further
#: from each other.
MEETING = 0.002
#: SMMLA does twice SDOT's work where it has SDOT's throughput (tables of bench/prediction/devices.py).
I8MM = 2.0


@dataclass(frozen=True)
class Fit:
    """Shares of the peaks that are reached, above 0 and at most 1."""

    int8: float
    float32: float


@dataclass(frozen=True)
class Spread:
    """How far predictions were off, as factors of at least 1."""

    point: float
    """The worst of the points, each predicted from all others."""
    soc: float
    """The worst of the points, each predicted from the other SoCs alone; never below `point`."""


def milliseconds(cost: Cost, device: Device, fit: Fit, threads: int = THREADS, slower: float = 1.0) -> float:
    """Predict one run; `slower` multiplies the time of the integer products."""
    integer, rest, fixed = _parts(cost, device, threads)
    return slower * integer / fit.int8 + rest / fit.float32 + fixed


def fitted(points: Sequence[Point] = POINTS) -> Fit:
    """Return the efficiencies of least squared error of log time.

    One grid, refined, so that none exceeds 1.
    """
    parts = np.array([_parts(point.cost, point.device, THREADS) for point in points])  # [points, 3]
    measured = np.array([point.ms for point in points])
    # log(efficiency) from 2 % to all; each round looks around the best cell of the one before.
    centre, reach = np.log([0.14, 0.14]), 2.0
    for _ in range(6):
        axes = [np.clip(np.linspace(c - reach, c + reach, 41), None, 0.0) for c in centre]
        grid = np.exp(np.stack(np.meshgrid(*axes, indexing="ij"), -1).reshape(-1, 2))  # [cells, 2]
        predicted = parts[:, 0] / grid[:, :1] + parts[:, 1] / grid[:, 1:] + parts[:, 2]
        best = grid[((np.log(predicted / measured)) ** 2).sum(1).argmin()]
        centre, reach = np.log(best), reach / 8
    return Fit(float(best[0]), float(best[1]))


def left_out(points: Sequence[Point] = POINTS) -> list[float]:
    """Predict every point (ms) from all others."""
    return [predicted(point, fitted([p for p in points if p is not point])) for point in points]


def soc_left_out(points: Sequence[Point] = POINTS) -> list[float]:
    """Predict every point (ms) from those of other SoCs."""
    return [
        predicted(point, fitted([p for p in points if p.device.soc != point.device.soc])) for point in points
    ]


def predicted(point: Point, fit: Fit) -> float:
    """Predict one published point (ms)."""
    return milliseconds(point.cost, point.device, fit)


def spread(points: Sequence[Point] = POINTS) -> Spread:
    """Return the worst errors as factors."""
    worst = max(_factor(ms, point) for ms, point in zip(left_out(points), points, strict=True))
    return Spread(
        worst,
        max(worst, *(_factor(ms, point) for ms, point in zip(soc_left_out(points), points, strict=True))),
    )


def interval(
    cost: Cost, device: Device, fit: Fit, spread: Spread, threads: int = THREADS
) -> tuple[float, float]:
    """Return the lowest and highest time (ms) that the errors seen so far allow; no probability is claimed.

    A SoC of the points is off by as much as the worst prediction from other SoCs: each SoC was measured with
    one model, so nothing tells the model's share of that error from the SoC's. A SoC that was never measured
    is allowed the worst error of a point on top. Where the cores lack i8mm, the high end takes it that the
    measured ones owed it half of their time.
    """
    measured = device.soc in {point.device.soc for point in POINTS}
    factor = spread.soc if measured else spread.soc * spread.point
    low, high = (
        milliseconds(cost, device, fit, threads, slower) for slower in (1.0, 1.0 if device.i8mm else I8MM)
    )
    return low / factor, high * factor


def checked(fit: Fit) -> list[float]:
    """Predict the published times that no fit has seen (ms)."""
    return [predicted(point, fit) for point in CHECKS]


def _parts(cost: Cost, device: Device, threads: int) -> tuple[float, float, float]:
    # At full efficiency, ms: integer products, float products and elements, what doesn't depend on the
    # efficiencies.
    integer = cost.integer / device.int8(threads) / 1e6
    rest = (cost.floating + ELEMENT * cost.elements) / device.float32(threads) / 1e6
    return integer, rest, cost.weight_bytes / (REACHED * device.bandwidth) / 1e6 + cost.operations * MEETING


def _factor(ms: float, point: Point) -> float:
    return max(ms / point.ms, point.ms / ms)
