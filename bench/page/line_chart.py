"""Lines over logarithmic axes as an SVG that can stand in a page.

Readable on light and on dark, without a library.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from xml.sax.saxutils import escape

Line = Sequence[tuple[float, float]]
#: Powers of ten.
Ticks = Sequence[float]

#: Of one panel, in pixels: its width with the room for labels, its height, and the room at left, top, right
#: and bottom.
WIDTH, HEIGHT = 290, 230
LEFT, TOP, RIGHT, BOTTOM = 44, 30, 64, 40
#: A line each: told apart by dashes and by the name at its end, so colour isn't needed.
DASHES = ("none", "6 3", "2 3")
STYLE = (
    "svg.scale{color:#1f2328;font:12px system-ui,sans-serif}"
    "@media(prefers-color-scheme:dark){svg.scale{color:#e6edf3}}"
    "svg.scale text{fill:currentColor}svg.scale path{stroke:currentColor;fill:none}svg.scale "
    "circle{fill:currentColor}"
    "svg.scale .grid{opacity:.25}svg.scale .line{stroke-width:2}svg.scale .title{font-weight:600}"
)
#: Between two names at the end of lines.
APART = 13


def draw(
    panels: Mapping[str, Mapping[str, Line]],
    below: str,
    at: Sequence[float] | None = None,
    up: Ticks | None = None,
) -> str:
    """Return an SVG of panels side by side.

    Args:
        panels: title -> a line's name -> its points (x, y), all above 0; at most three lines each.
        below: the name of x.
        at: where x has its ticks, at least two, the outer ones being its ends; by default the powers of ten
            around the points.
        up: the powers of ten that y spans, so that several pictures have one scale; by default those around
            the points.

    """
    width, ticks = WIDTH * len(panels), [math.log10(x) for x in at] if at else None
    parts = [
        _panel(n * WIDTH, title, lines, below, (ticks, up)) for n, (title, lines) in enumerate(panels.items())
    ]
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="scale" viewBox="0 0 {width} {HEIGHT}" role="img">'
    )
    return "\n".join(
        [
            opening,
            f"<title>{escape(', '.join(panels))}</title>",
            f"<style>{STYLE}</style>",
            *parts,
            "</svg>\n",
        ]
    )


def _panel(
    left: float, title: str, lines: Mapping[str, Line], below: str, ticks: tuple[Ticks | None, Ticks | None]
) -> str:
    points = [point for line in lines.values() for point in line]
    if not points:
        return ""
    xs, ys = ticks[0] or decades(x for x, _ in points), ticks[1] or decades(y for _, y in points)
    parts = [f'<g transform="translate({left:g})">', _text(LEFT, 16, title, kind="title"), _grid(xs, ys)]
    parts.append(_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 6, below, "middle"))
    placed = [[_place(point, xs, ys) for point in line] for line in lines.values()]
    parts += [_line(line, dash) for line, dash in zip(placed, DASHES, strict=False)]
    ends = _spaced([line[-1][1] for line in placed])
    parts += [_text(WIDTH - RIGHT + 6, y + 4, name) for name, y in zip(lines, ends, strict=True)]
    return "".join([*parts, "</g>"])


def _grid(xs: Ticks, ys: Ticks) -> str:
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    parts = []
    for power in xs:
        x, _ = _place((10.0**power, 10.0 ** ys[0]), xs, ys)
        parts += [
            f'<path class="grid" d="M{x:.1f} {TOP}V{bottom}"/>',
            _text(x, bottom + 16, _number(power), "middle"),
        ]
    for power in ys:
        _, y = _place((10.0 ** xs[0], 10.0**power), xs, ys)
        parts += [
            f'<path class="grid" d="M{LEFT} {y:.1f}H{right}"/>',
            _text(LEFT - 6, y + 4, _number(power), "end"),
        ]
    return "".join(parts)


def _line(points: Line, dash: str) -> str:
    way = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in points)
    return f'<path class="line" stroke-dasharray="{dash}" d="M{way}"/>{dots}'


def _place(point: tuple[float, float], xs: Ticks, ys: Ticks) -> tuple[float, float]:
    across = (math.log10(point[0]) - xs[0]) / (xs[-1] - xs[0])
    up = (math.log10(point[1]) - ys[0]) / (ys[-1] - ys[0])
    return LEFT + across * (WIDTH - RIGHT - LEFT), HEIGHT - BOTTOM - up * (HEIGHT - BOTTOM - TOP)


def decades(values: Iterable[float]) -> range:
    """Return the powers of ten around values above 0, at least two."""
    logs = [math.log10(value) for value in values]
    low, high = math.floor(min(logs)), math.ceil(max(logs))
    return range(low, max(high, low + 1) + 1)


def _spaced(ys: Sequence[float]) -> list[float]:
    # From the top down, each at least so far below the last.
    found, last = list(ys), -math.inf
    for place in sorted(range(len(ys)), key=lambda i: ys[i]):
        found[place] = last = max(ys[place], last + APART)
    return found


def _number(power: float) -> str:
    return f"{10**power:,.0f}".replace(",", " ") if power >= 0 else f"{10.0**power:g}"


def _text(x: float, y: float, text: str, anchor: str = "start", kind: str = "label") -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
