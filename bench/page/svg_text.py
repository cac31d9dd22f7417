"""Lines and words of pictures that are as wide as the page: x is a share of the width, y is in pixels."""

from __future__ import annotations

from xml.sax.saxutils import escape

#: Percent across, pixels down.
Point = tuple[float, float]


def line(start: Point, end: Point, kind: str = "") -> str:
    """Return a line."""
    named = f' class="{kind}"' if kind else ""
    ends = f'x1="{start[0]:.2f}%" y1="{start[1]:.1f}" x2="{end[0]:.2f}%" y2="{end[1]:.1f}"'
    return f"<line{named} {ends}/>"


def text(
    x: float,
    y: float,
    words: str,
    anchor: str = "start",
    kind: str = "label",
    dx: float = 0,
    more: str = "",
) -> str:
    """Return words, escaped; `dx` moves them by pixels, and `more` follows them in bold."""
    moved = f' dx="{dx:g}"' if dx else ""
    place = f'x="{x:.2f}%" y="{y:.1f}"{moved} text-anchor="{anchor}"'
    value = f'<tspan class="value" dx="8">{escape(more)}</tspan>' if more else ""
    return f'<text class="{kind}" {place}>{escape(words)}{value}</text>'
