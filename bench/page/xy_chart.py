"""Points and lines over two axes, linear or logarithmic, as an SVG that is as wide as the page lets it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from xml.sax.saxutils import escape

from .bar_chart import SERIES, cut, step
from .svg_text import Point, line, text

#: Pixels of the plot, and of the room around it; the style sheet gives the room as padding.
HEIGHT, TOP, BOTTOM, LEFT = 220, 28, 38, 46
#: Pixels between two names at the ends of lines; characters of such a name, of one beside a point, and above.
APART, NAME, BESIDE, ABOVE = 14, 19, 26, 40
#: A logarithmic axis of more ticks has powers of ten alone.
MANY = 7
#: Beyond this share of the width a point's name stands at its left.
FAR_RIGHT = 50


@dataclass(frozen=True)
class Series:
    """Points of one thing: joined by a line, or each for itself."""

    name: str
    points: Sequence[Point]
    series: int = 0
    """Its colour and its dashes."""
    predicted: bool = False
    """Drawn as outlines: nobody measured them."""


@dataclass(frozen=True)
class Axis:
    """What an axis says, and where it has its ticks: by default at round values around the points."""

    words: str
    log: bool = False
    at: Sequence[float] | None = None


def draw_lines(title: str, lines: Sequence[Series], x: Axis, y: Axis, level: float | None = None) -> str:
    """Return lines with their names at their ends; `level` is a value of y that is marked by dashes."""
    plot = _Plot(lines, x, y, level)
    placed = [[plot.place(point) for point in one.points] for one in lines]
    ends = _spaced([points[-1][1] for points in placed])
    parts = []
    for one, points, end in zip(lines, placed, ends, strict=True):
        joined = "".join(line(a, b, "line") for a, b in pairwise(points))
        name = text(100, end + 4, cut(one.name, NAME), dx=10)
        parts.append(_group(one, joined + "".join(map(_dot, points)) + name))
    named = "xy named" if any(one.name for one in lines) else "xy"
    return _svg(title, named, [plot.grid(), *parts])


def draw_points(title: str, points: Sequence[Series], x: Axis, y: Axis, level: float | None = None) -> str:
    """Return single points, each with its name beside it."""
    plot = _Plot(points, x, y, level)
    parts = []
    for one in points:
        across, down = plot.place(one.points[0])
        left = across > FAR_RIGHT
        name = text(across, down - 9, cut(one.name, BESIDE), "end" if left else "start", dx=4 if left else -4)
        parts.append(_group(one, _dot((across, down)) + name))
    return _svg(title, "xy", [plot.grid(), *parts])


class _Plot:
    """Two axes around all points."""

    def __init__(self, series: Sequence[Series], x: Axis, y: Axis, level: float | None) -> None:
        points = [point for one in series for point in one.points]
        self.x, self.y, self.level = x, y, level
        self.xs = _ticks([point[0] for point in points], x)
        self.ys = _ticks([point[1] for point in points] + ([] if level is None else [level]), y)

    def place(self, point: Point) -> Point:
        """Return where a point lies: percent across, pixels down."""
        across = _share(point[0], self.xs, self.x.log)
        return across * 100, (1 - _share(point[1], self.ys, self.y.log)) * HEIGHT

    def grid(self) -> str:
        """Return the lines behind, the ticks' numbers and what the axes say."""
        parts = []
        for value in self.xs:
            across, _ = self.place((value, self.ys[0]))
            parts += [line((across, 0), (across, HEIGHT), "grid")]
            parts += [text(across, HEIGHT + 16, _number(value), "middle", "muted")]
        for value in self.ys:
            _, down = self.place((self.xs[0], value))
            parts += [line((0, down), (100, down), "grid")]
            parts += [text(0, down + 4, _number(value), "end", "muted", -8)]
        if self.level is not None:
            _, down = self.place((self.xs[0], self.level))
            parts.append(line((0, down), (100, down), "limit"))
        parts.append(text(100, HEIGHT + 32, self.x.words, "end", "muted"))
        return "".join([*parts, text(0, -14, cut(self.y.words, ABOVE), "start", "muted", 8 - LEFT)])


def _ticks(values: Sequence[float], axis: Axis) -> list[float]:
    if axis.at:
        return list(axis.at)
    return _log_ticks(values) if axis.log else _linear_ticks(values)


def _linear_ticks(values: Sequence[float]) -> list[float]:
    low, high = min(values), max(values)
    by = step(max(high - low, abs(high) * 1e-3))
    first, last = math.floor(low / by), math.ceil(high / by)
    return [n * by for n in range(first, max(last, first + 1) + 1)]


def _log_ticks(values: Sequence[float]) -> list[float]:
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    fine = [m * 10.0**n for n in range(low, max(high, low + 1)) for m in (1, 2, 5)]
    fine.append(10.0 ** max(high, low + 1))
    first = max((i for i, tick in enumerate(fine) if tick <= min(values)), default=0)
    last = min((i for i, tick in enumerate(fine) if tick >= max(values)), default=len(fine) - 1)
    kept = fine[first : max(last, first + 1) + 1]
    return kept if len(kept) <= MANY else [10.0**n for n in range(low, high + 1)]


def _share(value: float, ticks: Sequence[float], log: bool) -> float:
    low, high = ticks[0], ticks[-1]
    if log:
        value, low, high = math.log10(value), math.log10(low), math.log10(high)
    return (value - low) / (high - low)


def _spaced(ys: Sequence[float]) -> list[float]:
    # From the top down, each at least so far below the last; then up again, where that ran out of the plot.
    found, last = list(ys), -math.inf
    order = sorted(range(len(ys)), key=lambda i: ys[i])
    for place in order:
        found[place] = last = max(ys[place], last + APART)
    below = float(HEIGHT)
    for place in reversed(order):
        found[place] = below = min(found[place], below)
        below -= APART
    return found


def _dot(point: Point) -> str:
    return f'<circle cx="{point[0]:.2f}%" cy="{point[1]:.1f}" r="4"/>'


def _group(one: Series, inner: str) -> str:
    kind = " outline" if one.predicted else ""
    title = f"<title>{escape(one.name)}</title>" if one.name else ""
    return f'<g class="s{one.series % SERIES}{kind}">{title}{inner}</g>'


def _svg(title: str, kind: str, parts: Iterable[str]) -> str:
    size = f'width="100%" height="{HEIGHT + TOP + BOTTOM}"'
    opening = f'<svg xmlns="http://www.w3.org/2000/svg" class="{kind}" {size} role="img">'
    return "\n".join([opening, f"<title>{escape(title)}</title>", *parts, "</svg>"])


def _number(value: float) -> str:
    return f"{value:.6g}" if abs(value) < 1e6 else f"{value:.0e}"
