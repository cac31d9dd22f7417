"""Numbers of lists as a browser shows them.

https://html.spec.whatwg.org/multipage/grouping-content.html#the-ol-element
"""

from __future__ import annotations

import re

from bs4 import BeautifulSoup, Tag

from ..counting import counted

#: Attribute of an item: what stands before it. A file that knows it may bring it.
LABEL = "pocketrag-label"
#: The values of `type` that count in another way; their case tells.
KINDS = ("a", "A", "i", "I")
#: The same as CSS says it.
STYLES = {
    **dict.fromkeys(("lower-alpha", "lower-latin"), "a"),
    **dict.fromkeys(("upper-alpha", "upper-latin"), "A"),
    "lower-roman": "i",
    "upper-roman": "I",
    "decimal-leading-zero": "decimalZero",
    **dict.fromkeys(("cjk-ideographic", "simp-chinese-informal", "trad-chinese-informal"), "chineseCounting"),
}
STYLE = re.compile(r"list-style(?:-type)?\s*:\s*([a-z-]+)")
#: HTML's rules for integers: what follows the digits does not count.
INTEGER = re.compile(r"\s*([+-]?\d{1,9})")


def number_items(soup: BeautifulSoup) -> None:
    """Write the number of each item of an ordered list into `LABEL`."""
    for list_ in soup.find_all("ol"):
        items = list_.find_all("li", recursive=False)
        backwards = list_.has_attr("reversed")
        number = _integer(list_, "start")
        if number is None:
            number = len(items) if backwards else 1
        for item in items:
            own = _integer(item, "value")
            number = number if own is None else own
            if not item.has_attr(LABEL):
                item[LABEL] = f"{counted(number, _kind(item) or _kind(list_))}."
            number += -1 if backwards else 1


def _integer(tag: Tag, name: str) -> int | None:
    match = INTEGER.match(str(tag.get(name) or ""))
    return int(match[1]) if match else None


def _kind(tag: Tag) -> str:
    style = STYLE.search(str(tag.get("style") or "").lower())
    kind = str(tag.get("type") or "")
    return STYLES.get(style[1], "") if style else kind if kind in KINDS else ""
