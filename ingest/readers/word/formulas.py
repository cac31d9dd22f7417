"""Formulas of office files (OMML) -> a line of text: a fraction is `1/2`, a power `x^2`, a root `√(x)`.

The elements are those of ECMA-376, part 1, 22.1.2; the spelling is that of HTML's formulas here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from .word_names import MATH, WORD

#: What stands alone beside a sign: a number, a letter or a word, or what has brackets already.
SINGLE = re.compile(r"\w*(?:[.,]\d+)?|[^\W\d_]*\(.*\)", re.DOTALL)
#: Elements that hold what they are set with, no text.
SETTINGS = re.compile(r"\w*Pr")


def spelled_out(element: Any) -> str:  # noqa: ANN401 - lxml has no types
    """Return a formula, or a part of one, as text."""
    if not isinstance(element.tag, str):
        return ""
    namespace, _, name = element.tag.rpartition("}")
    if element.tag in (f"{MATH}t", f"{WORD}t"):
        return str(element.text or "")
    if f"{namespace}}}" == MATH and name in SPELLINGS:
        return SPELLINGS[name](element)
    return "" if SETTINGS.fullmatch(name) else _all(element)


def _all(element: Any) -> str:  # noqa: ANN401 - lxml has no types
    return "".join(spelled_out(child) for child in element)


def _of(element: Any, name: str) -> str:  # noqa: ANN401 - lxml has no types
    found = element.find(f"{MATH}{name}")
    return "" if found is None else _all(found).strip()


def _set(element: Any, settings: str, name: str, otherwise: str) -> str:  # noqa: ANN401 - lxml has no types
    found = element.find(f"{MATH}{settings}/{MATH}{name}")
    return otherwise if found is None else str(found.get(f"{MATH}val") or "")


def _single(text: str) -> str:
    return text if SINGLE.fullmatch(text) else f"({text})"


def _fraction(element: Any) -> str:  # noqa: ANN401 - lxml has no types
    upper, lower = _of(element, "num"), _of(element, "den")
    if _set(element, "fPr", "type", "bar") == "noBar":  # a binomial coefficient
        return f"{upper} over {lower}"
    return f"{_single(upper)}/{_single(lower)}"


def _raised(element: Any) -> str:  # noqa: ANN401 - lxml has no types
    base, below, above = _of(element, "e"), _of(element, "sub"), _of(element, "sup")
    below = (
        "_" * (base[-1:].isdigit() and below[:1].isdigit()) + below
        if SINGLE.fullmatch(below)
        else f"_({below})"
    )
    return base + below + (f"^{_single(above)}" if above else "")


def _root(element: Any) -> str:  # noqa: ANN401 - lxml has no types
    base = _of(element, "e")
    return f"{_of(element, 'deg')}√{base if base.isalnum() else f'({base})'}"


def _large(element: Any) -> str:  # noqa: ANN401 - lxml has no types
    # Without a sign of its own it is an integral (22.1.2.70).
    below, above = _of(element, "sub"), _of(element, "sup")
    ends = (f"_{_single(below)}" if below else "") + (f"^{_single(above)}" if above else "")
    return f"{_set(element, 'naryPr', 'chr', '∫')}{ends} {_of(element, 'e')}"


def _bracketed(element: Any) -> str:  # noqa: ANN401 - lxml has no types
    start, end = _set(element, "dPr", "begChr", "("), _set(element, "dPr", "endChr", ")")
    inner = (_all(part).strip() for part in element.findall(f"{MATH}e"))
    return f"{start}{_set(element, 'dPr', 'sepChr', '|').join(inner)}{end}"


def _rows(element: Any) -> str:  # noqa: ANN401 - lxml has no types
    rows = element.findall(f"{MATH}mr") or element.findall(f"{MATH}e")
    cells = ([cell for cell in row if cell.tag == f"{MATH}e"] or [row] for row in rows)
    return "; ".join(", ".join(_all(cell).strip() for cell in row) for row in cells)


#: Element -> what spells it; any other is the text of its parts, in order.
SPELLINGS: dict[str, Callable[[Any], str]] = {
    "f": _fraction,
    **dict.fromkeys(("sSup", "sSub", "sSubSup", "sPre"), _raised),
    "rad": _root,
    "nary": _large,
    "d": _bracketed,
    "func": lambda element: f"{_of(element, 'fName')} {_of(element, 'e')}",
    "limLow": lambda element: f"{_of(element, 'e')}_({_of(element, 'lim')})",
    "limUpp": lambda element: f"{_of(element, 'e')}^({_of(element, 'lim')})",
    **dict.fromkeys(("m", "eqArr"), _rows),
}
