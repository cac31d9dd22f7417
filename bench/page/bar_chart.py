"""Bars with error bars as an SVG that can stand in a page.

One row each, its name above it, narrow enough for a phone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

#: In pixels: a phone of 360 shows it at its natural size. Room at left and right is for half a tick's label.
WIDTH, SIDE, ROW, HEADING, BAR, TOP, AXIS = 320, 16, 34, 24, 9, 4, 34
#: Characters of a name beside its number, at 12 pixels a letter; a longer one is cut and whole in the row's
#: title.
NAME = 30
#: About as many ticks, at round steps.
TICKS = 4
#: Smaller spans are drawn as none: a part of the smallest doubles is 0, which has no logarithm.
LEAST_SPAN = 1e-300
#: Scoped to `svg.bars`. `--s0` and so on colour the series: dark enough on white, light enough on black (3:1,
#: WCAG 2.2, 1.4.11).
STYLE = (
    "svg.bars{color:#1f2328;font:12px system-ui,sans-serif;"
    "--s0:#0969da;--s1:#bc4c00;--s2:#8250df;--s3:#1a7f37;--s4:#bf3989;--s5:#57606a}"
    "@media(prefers-color-scheme:dark){svg.bars{color:#e6edf3;"
    "--s0:#58a6ff;--s1:#f0883e;--s2:#bc8cff;--s3:#3fb950;--s4:#f778ba;--s5:#9aa4af}}"
    "svg.bars text{fill:currentColor}svg.bars .heading{font-weight:600}svg.bars "
    ".muted{opacity:.75;font-size:11px}"
    "svg.bars .grid{stroke:currentColor;opacity:.18}svg.bars .zero{stroke:currentColor;opacity:.6}"
    "svg.bars .whisker{stroke:currentColor;stroke-width:1.5;fill:none}"
    "svg.bars .limit{stroke:currentColor;stroke-width:1.5;stroke-dasharray:5 3}"
    "svg.bars .bar{fill:var(--s);fill-opacity:.55}"
    "svg.bars .predicted{fill:none;stroke:var(--s);stroke-width:1.5;stroke-dasharray:3 2}"
    + "".join(f"svg.bars .s{n}{{--s:var(--s{n})}}" for n in range(6))
)
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
        f'<svg xmlns="http://www.w3.org/2000/svg" class="bars" viewBox="0 0 {WIDTH} {y + AXIS:g}" role="img">'
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
        self.step = _step(max(values) - min(values))
        self.first, self.last = math.floor(min(values) / self.step), math.ceil(max(values) / self.step)
        self.last = max(self.last, self.first + 1)

    def x(self, value: float) -> float:
        """Return a value's place; the end of the axis for what lies beyond."""
        share = (value / self.step - self.first) / (self.last - self.first)
        return SIDE + min(share, 1.0) * (WIDTH - 2 * SIDE)

    def beyond(self, value: float) -> bool:
        """Say whether a value lies beyond the end."""
        return value > self.last * self.step * 1.000001

    def grid(self, top: float, limit: float | None) -> str:
        """Return the lines behind one bar: only there, for through a name they would be hard to read."""
        bottom, marks = top + BAR + 4, [n * self.step for n in range(self.first, self.last + 1)]
        lines = [("grid" if mark else "zero", self.x(mark)) for mark in marks] + (
            [] if limit is None else [("limit", self.x(limit))]
        )
        return "".join(f'<path class="{kind}" d="M{x:.1f} {top:g}V{bottom:g}"/>' for kind, x in lines)

    def ticks(self, top: float, unit: str) -> str:
        """Return the numbers below, and the unit."""
        marks = [n * self.step for n in range(self.first, self.last + 1)]
        parts = [_text(self.x(mark), top + 13, f"{mark:.6g}", "middle", "muted") for mark in marks]
        return "".join([*parts, _text(WIDTH, top + 28, unit, "end", "muted")])


def _step(span: float) -> float:
    # The smallest of 1, 2, 5 times a power of ten that needs no more than TICKS steps.
    raw = (span if span > LEAST_SPAN else 1.0) / TICKS
    power = 10.0 ** math.floor(math.log10(raw))
    return next(round_ * power for round_ in (1, 2, 5, 10) if round_ * power >= raw * 0.999)


def _heading(text: str, y: float) -> str:
    return _text(0, y + 16, cut(text, NAME + 10), kind="heading")


def _row(bar: Bar, axis: _Axis, y: float) -> str:
    zero, end, middle = axis.x(0), axis.x(bar.value), y + 18 + BAR / 2
    kind = "predicted" if bar.predicted else "bar"
    parts = [
        f'<g class="s{bar.series % SERIES}"><title>{escape(f"{bar.name}: {bar.text}")}</title>',
        _text(0, y + 13, cut(bar.name, NAME)),
        _text(WIDTH, y + 13, bar.text, "end"),
        (
            f'<rect class="{kind}" x="{min(zero, end):.1f}" y="{y + 18:g}" '
            f'width="{abs(end - zero):.1f}" height="{BAR}"/>'
        ),
    ]
    if bar.interval:
        parts.append(_whisker(axis, bar.interval, middle))
    return "".join([*parts, "</g>"])


def _whisker(axis: _Axis, interval: tuple[float, float], middle: float) -> str:
    low, high = (axis.x(value) for value in interval)
    cap = f"M{low:.1f} {middle - 4:g}V{middle + 4:g}"
    if axis.beyond(interval[1]):
        end = f"M{high - 4:.1f} {middle - 4:g}L{high:.1f} {middle:g}L{high - 4:.1f} {middle + 4:g}"
    else:
        end = f"M{high:.1f} {middle - 4:g}V{middle + 4:g}"
    return f'<path class="whisker" d="M{low:.1f} {middle:g}H{high:.1f}{cap}{end}"/>'


def cut(text: str, most: int) -> str:
    """Return the beginning of a text that is longer than a picture has room for."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _text(x: float, y: float, text: str, anchor: str = "start", kind: str = "label") -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
