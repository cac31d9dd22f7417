"""Bars with error bars as an SVG that can stand in a page.

It is as wide as the page lets it: places across are shares of the width, heights and letters are pixels. One
row each, its name above it, so that a phone shows it too.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from .svg_text import line, text

#: Pixels. `SIDE` is the room at left and right for half a tick's label, which the style sheet gives as
#: padding.
SIDE, ROW, HEADING, BAR, TOP, AXIS = 16, 34, 24, 9, 4, 34
#: Characters of a name beside its number, at 12 pixels a letter; a longer one is cut and whole in the row's
#: title.
NAME = 30
#: About as many ticks, at round steps.
TICKS = 4
#: Smaller spans are drawn as none: a part of the smallest doubles is 0, which has no logarithm.
LEAST_SPAN = 1e-300
#: How many series have a colour of their own; after that they repeat, and every row is named anyway.
SERIES = 6


@dataclass(frozen=True)
class Bar:
    """One row: its name, its value and what is written of it, and where there is one its interval."""

    name: str
    value: float
    text: str
    interval: tuple[float, float] | None = None
    series: int = 0
    predicted: bool = False
    """Drawn as an outline: nobody measured it."""


def draw(
    title: str,
    rows: Sequence[Bar | str],
    unit: str,
    limit: float | None = None,
    reach: float | None = None,
    most: float | None = None,
) -> str:
    """Return an SVG of horizontal bars from 0.

    Args:
        title: what it shows; read out in place of the picture.
        rows: bars, and strings as headings between them.
        unit: of the axis.
        limit: a value that is marked by a dashed line.
        reach: a value up to which the axis goes at least, so that several pictures have one scale.
        most: where the axis ends at the latest; what goes beyond ends in an arrow.

    """
    axis = _Axis(rows, limit, reach, most)
    parts, y = [], float(TOP)
    for row in rows:
        parts.append(
            _heading(row, y) if isinstance(row, str) else axis.grid(y + 16, limit) + _row(row, axis, y)
        )
        y += HEADING if isinstance(row, str) else ROW
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="bars" width="100%" height="{y + AXIS:g}" role="img">'
    )
    return "\n".join([opening, f"<title>{escape(title)}</title>", *parts, axis.ticks(y, unit), "</svg>"])


class _Axis:
    """A linear axis that holds 0, all values, intervals and the limit."""

    def __init__(
        self, rows: Sequence[Bar | str], limit: float | None, reach: float | None, most: float | None
    ) -> None:
        bars = [row for row in rows if isinstance(row, Bar)]
        ends: list[float] = [end for bar in bars for end in (bar.value, *(bar.interval or ()))]
        values = [0.0, *ends, *(value for value in (limit, reach) if value is not None)]
        values = values if most is None else [min(value, most) for value in values]
        self.step = step(max(values) - min(values))
        self.first, self.last = math.floor(min(values) / self.step), math.ceil(max(values) / self.step)
        self.last = max(self.last, self.first + 1)

    def x(self, value: float) -> float:
        """Return a value's place in percent; the end of the axis for what lies beyond."""
        share = (value / self.step - self.first) / (self.last - self.first)
        return min(share, 1.0) * 100

    def beyond(self, value: float) -> bool:
        """Say whether a value lies beyond the end."""
        return value > self.last * self.step * 1.000001

    def grid(self, top: float, limit: float | None) -> str:
        """Return the lines behind one bar: only there, for through a name they would be hard to read."""
        bottom, marks = top + BAR + 4, [n * self.step for n in range(self.first, self.last + 1)]
        lines = [("grid" if mark else "zero", self.x(mark)) for mark in marks] + (
            [] if limit is None else [("limit", self.x(limit))]
        )
        return "".join(line((x, top), (x, bottom), kind) for kind, x in lines)

    def ticks(self, top: float, unit: str) -> str:
        """Return the numbers below, and the unit."""
        marks = [n * self.step for n in range(self.first, self.last + 1)]
        parts = [text(self.x(mark), top + 13, f"{mark:.6g}", "middle", "muted") for mark in marks]
        return "".join([*parts, text(100, top + 28, unit, "end", "muted", SIDE)])


def step(span: float) -> float:
    """Return the smallest of 1, 2, 5 times a power of ten that needs no more than TICKS steps for a span."""
    raw = (span if span > LEAST_SPAN else 1.0) / TICKS
    power = 10.0 ** math.floor(math.log10(raw))
    return next(round_ * power for round_ in (1, 2, 5, 10) if round_ * power >= raw * 0.999)


def _heading(name: str, y: float) -> str:
    return text(0, y + 16, cut(name, NAME + 10), kind="heading", dx=-SIDE)


def _row(bar: Bar, axis: _Axis, y: float) -> str:
    zero, end, middle = axis.x(0), axis.x(bar.value), y + 18 + BAR / 2
    kind = "predicted" if bar.predicted else "bar"
    parts = [
        f'<g class="s{bar.series % SERIES}"><title>{escape(f"{bar.name}: {bar.text}")}</title>',
        text(0, y + 13, cut(bar.name, NAME), dx=-SIDE, more=bar.text),
        (
            f'<rect class="{kind}" x="{min(zero, end):.2f}%" y="{y + 18:g}" '
            f'width="{abs(end - zero):.2f}%" height="{BAR}"/>'
        ),
    ]
    if bar.interval:
        parts.append(_whisker(axis, bar.interval, middle))
    return "".join([*parts, "</g>"])


def _whisker(axis: _Axis, interval: tuple[float, float], middle: float) -> str:
    low, high = (axis.x(value) for value in interval)
    ends = [line((low, middle - 4), (low, middle + 4))]
    if axis.beyond(interval[1]):
        arrow = '<path d="M-4 -4L0 0L-4 4"/>'
        ends.append(f'<svg class="beyond" x="{high:.2f}%" y="{middle:g}" overflow="visible">{arrow}</svg>')
    else:
        ends.append(line((high, middle - 4), (high, middle + 4)))
    return f'<g class="whisker">{line((low, middle), (high, middle))}{"".join(ends)}</g>'


def cut(name: str, most: int) -> str:
    """Return the beginning of a text that is longer than a picture has room for."""
    return name if len(name) <= most else f"{name[: most - 1]}…"
