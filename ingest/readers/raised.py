"""What stands above or below the line in a line of text: `10<sup>6</sup>` must not become 106."""

from __future__ import annotations

import re

#: An exponent: a number, or one with a letter that stands for a number.
EXPONENT = re.compile(r"[+±−–-]?(?:\d+(?:[.,/]\d+)?|\d*[nkx](?:[+−–-]\d+)?)")
#: One that needs no brackets around it.
SINGLE = re.compile(r"[+±−–-]?(?:\d+|[nkx])")
#: What has an exponent: a number, a closing bracket, a letter alone, a unit of length or time.
BASE = re.compile(r"(?:\d|[)\]]|(?<![^\W_])(?:[^\W\d_]|[cdkmnµμ]m|ft|in|yd|mi))\Z")
#: What marks a note: a number, a star, a dagger, mostly as a link.
NOTE = re.compile(r"[\[(]?(?:\d+(?:[,–-]\s?\d+)*|[*†‡§¶]+)[\])]?")


def around(name: str, text: str, before: str, link: bool = False) -> tuple[str, str]:
    """Return what goes before and behind the text of a `sup` or `sub`; `before` is what its line begins with.

    `^` before an exponent, with brackets around a sum; a space before the mark of a note; `_` between two
    numbers, as in `101<sub>2</sub>`. H2O, 5bis and 1st need nothing.
    """
    text = text.strip()
    if not text or not before or before[-1].isspace():
        return "", ""
    if name == "sub":
        return ("_" if text[0].isdigit() and before[-1].isdigit() else ""), ""
    if not link and EXPONENT.fullmatch(text) and BASE.search(before):
        return ("^", "") if SINGLE.fullmatch(text) else ("^(", ")")
    return (" " if link or NOTE.fullmatch(text) else ""), ""
