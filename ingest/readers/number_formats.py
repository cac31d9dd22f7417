"""Numbers of a sheet as its number formats show them.

The formats are those of ECMA-376, part 1, 18.8.31. No kept-up library renders them: PyPI's ssf is of 2020.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

#: A format's parts: text in quotes or behind a backslash; spaces of a width, fillings; currencies, colours.
TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|(?P<space>_.)|(?P<fill>\*.)|\[\$(?P<currency>[^\]-]*)[^\]]*\]'
    r"|(?P<colour>\[(?:Black|Blue|Cyan|Green|Magenta|Red|White|Yellow|Color ?\d+)\])|(?P<digit>[0#?])"
    r"|(?P<point>\.)|(?P<comma>,(?=[0#?]))|(?P<percent>%)|(?P<end>;)|(?P<literal>[-+() :€$£¥'])",
    re.IGNORECASE,
)
SCIENTIFIC = re.compile(r"[0#]+(?:\.([0#]+))?E[+-]?0+", re.IGNORECASE)
#: Beyond, a double holds no units.
MOST = 1e15

#: Kind, then text.
Token = tuple[str, str]


def formatted(value: float, form: str) -> str | None:
    """Return a number as its format shows it, without separators of thousands; None if the format is another.

    Fractions, conditions, scaled numbers and what mixes numbers with dates are others.
    """
    if found := SCIENTIFIC.fullmatch(form):
        return f"{value:.{len(found[1] or '')}E}"
    parts = _parts(form)
    if parts is None or abs(value) >= MOST:
        return None
    own = 1 if value < 0 and len(parts) > 1 else 2 if value == 0 and len(parts) > 2 else 0
    return _filled(Decimal(str(abs(value))), parts[own], value < 0 and own == 0)


def elapsed(value: timedelta, form: str) -> str:
    """Return a duration as hours and minutes, or minutes where the format begins with them."""
    seconds = round(abs(value.total_seconds()))
    sign = "-" if value < timedelta() and seconds else ""
    if form.lower().startswith("[m"):
        return f"{sign}{seconds // 60}:{seconds % 60:02}"
    rest = f":{seconds % 60:02}" if "s" in form.lower() or seconds % 60 else ""
    return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02}{rest}"


def _parts(form: str) -> list[list[Token]] | None:
    """Return the format's parts for numbers above, below and at zero; None where it has other signs."""
    parts: list[list[Token]] = [[]]
    at = 0
    while at < len(form):
        match = TOKEN.match(form, at)
        if match is None:
            return None
        kind, at = str(match.lastgroup), match.end()
        if kind == "end":
            parts.append([])
        elif kind in ("digit", "point", "percent"):
            parts[-1].append((kind, match[kind]))
        elif kind in ("quoted", "escaped", "currency", "literal"):
            parts[-1].append(("text", match[kind]))
        elif kind == "space":
            parts[-1].append(("text", " "))
    return parts


def _filled(value: Decimal, part: Sequence[Token], negative: bool) -> str | None:
    point = next((n for n, (kind, _) in enumerate(part) if kind == "point"), len(part))
    places = [
        [n for n, (kind, _) in enumerate(part) if kind == "digit" and (n > point) == side]
        for side in (False, True)
    ]
    if not places[0] and not places[1]:
        return None
    value *= Decimal(100) ** sum(kind == "percent" for kind, _ in part)
    value = value.quantize(Decimal(1).scaleb(-len(places[1])), ROUND_HALF_UP)
    whole, _, decimals = f"{value:f}".partition(".")
    said = _whole(whole.lstrip("0"), part, places[0]) | _decimals(decimals, part, places[1])
    if any(n in said and said[n] for n in places[1]):
        said[point] = "."
    shown = "".join(
        said.get(n, "") if kind in ("digit", "point") else text for n, (kind, text) in enumerate(part)
    )
    return ("-" if negative and value else "") + " ".join(shown.split())


def _whole(digits: str, part: Sequence[Token], places: Sequence[int]) -> dict[int, str]:
    said: dict[int, str] = {}
    for place in reversed(places):
        said[place] = digits[-1:] or ("0" if part[place][1] == "0" else "")
        digits = digits[:-1]
    if places:
        said[places[0]] = digits + said[places[0]]
    return said


def _decimals(digits: str, part: Sequence[Token], places: Sequence[int]) -> dict[int, str]:
    said = dict(zip(places, digits, strict=True))
    for place in reversed(places):
        if said[place] != "0" or part[place][1] == "0":
            break
        said[place] = ""
    return said
