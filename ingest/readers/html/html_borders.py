"""White space and signs where a browser shows by place that two texts are two."""

from __future__ import annotations

from bs4 import BeautifulSoup, Tag
from bs4.element import PageElement

from ..raised import around

#: Blocks that markdownify takes for a part of the line; the others it knows.
BLOCKS = (
    *("address", "aside", "center", "details", "dialog", "fieldset", "figure", "footer", "form", "header"),
    *("hgroup", "legend", "main", "menu", "nav", "search", "summary"),
)
#: Boxes in a line, with text of their own.
BOXES = (
    *("button", "select", "optgroup", "option", "textarea", "meter", "progress", "output", "svg", "math"),
    *("svg text", "svg title", "svg foreignObject", "svg tspan[x]", "svg tspan[dy]", "mtext", "mtr", "mtd"),
    "img[alt]:not([alt=''])",
)
#: Elements that leave a line as it is.
INLINE = frozenset(
    (
        *("a", "abbr", "b", "cite", "code", "del", "em", "font", "i", "ins", "kbd", "label", "mark", "q"),
        *("s", "samp", "small", "source", "span", "strong", "sub", "sup", "u", "var", "wbr"),
    )
)
#: MathML -> the sign before each child but the first.
MATH = {"mfrac": "/", "msup": "^"}


def part_texts(soup: BeautifulSoup) -> None:
    """Put white space around blocks and boxes, and signs before exponents, so that no words are glued."""
    for tag in soup.find_all(["sup", "sub"]):
        _raise(tag)
    for tag in soup.find_all(list(MATH)):
        for n, child in enumerate(tag.find_all(True, recursive=False)):
            start, end = ("(", ")") if child.find("mo") else ("", "")
            child.insert_before(MATH[tag.name] * (n > 0) + start)
            child.insert_after(end)
    for tag in soup.select(", ".join(BOXES)):
        _space(tag)
    for tag in soup.find_all(list(BLOCKS)):
        tag.name = "div"


def _raise(tag: Tag) -> None:
    link = bool(tag.find("a") or _in_link(tag))
    before, after = around(tag.name, tag.get_text(), _before(tag), link)
    if before:  # markdownify takes the space behind an empty text
        tag.insert_before(before)
    if after:
        tag.insert_after(after)


def _space(tag: Tag) -> None:
    if not str(tag.previous_sibling or " ")[-1:].isspace():
        tag.insert_before(" ")
    if not str(tag.next_sibling or "x")[:1].isspace():
        tag.insert_after(" ")


def _in_link(tag: Tag) -> bool:
    link = tag.find_parent("a")
    return link is not None and link.get_text() == tag.get_text()


def _before(tag: Tag) -> str:
    """Return the text before an element in its line."""
    at: PageElement = tag
    while at.previous_sibling is None and at.parent is not None and at.parent.name in INLINE:
        at = at.parent
    found = at.previous_sibling
    if isinstance(found, Tag):
        return found.get_text() if found.name in INLINE else ""
    return str(found or "")
