"""Signs of a text that mean another one: digits above the line, bullets out of a font of symbols."""

from __future__ import annotations

import re

from .joining import UNSPACED
from .raised import SINGLE

#: Digits above the line and their signs.
DIGITS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ", "0123456789+-=()n", strict=True))
ABOVE = f"[{''.join(DIGITS)}]"
EXPONENT = re.compile(rf"(?<=\d){ABOVE}+")
#: Units of three letters and more that have exponents; shorter words are taken for units or variables.
UNITS = frozenset(
    (
        *("inch", "inches", "foot", "feet", "yard", "yards", "mile", "miles", "acre", "meter", "meters"),
        *("metre", "metres", "mètre", "mètres", "zoll", "sec", "min", "mol", "rad", "bar", "hour"),
    )
)
#: The mark of a note: digits alone behind a word. With a sign they are a charge or an exponent.
NOTE = re.compile(rf"([^\W\d_⁰-₉¹²³]{{3,}}|{UNSPACED})(?=[⁰¹²³⁴-⁹]+(?![⁰-⁾]))")
#: Bullets of the fonts Symbol and Wingdings, which Word and PDFs carry as private letters.
BULLETS = "[\uf0b7\uf0a7\uf0a8\uf0d8\uf0fc\uf0a0\uf076\uf06c\uf06e\uf071\uf0be]"
LEADING = re.compile(rf"^([ \t]*){BULLETS}[ \t]*(?:\n[ \t]*(?=\S))?", re.MULTILINE)
INNER = re.compile(rf"[ \t]*{BULLETS}[ \t]*")


def raised(text: str) -> str:
    """Return a text with `10⁶` as `10^6` and the mark of a note apart from its word; `m²` stays.

    Full text folds the digits: 106, and "word¹" would become the word "word1".
    """
    return NOTE.sub(_noted, EXPONENT.sub(lambda match: _power(match[0]), text))


def bulleted(text: str) -> str:
    """Return a text in which bullets of fonts begin the items of a list."""
    return INNER.sub(" • ", LEADING.sub(r"\1- ", text))


def _noted(match: re.Match[str]) -> str:
    return match[1] if match[1].lower() in UNITS else f"{match[1]} "


def _power(above: str) -> str:
    plain = "".join(DIGITS[sign] for sign in above).strip("()")
    return f"^{plain}" if SINGLE.fullmatch(plain) else f"^({plain})"
