"""Line ends in a page's source: spaces, but for those within a run of a script without spaces."""

from __future__ import annotations

import re

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString

from ..joining import UNSPACED, within
from ..signs import raised
from .html_borders import INLINE

ENDS = re.compile(rf"(?<={UNSPACED})[ \t]*\n\s*\Z")
BEGINS = re.compile(rf"\A\s*\n\s*(?={UNSPACED})")
LAST, FIRST = re.compile(rf"{UNSPACED}\Z"), re.compile(rf"\A{UNSPACED}")
#: Elsewhere it is a space.
LINE_END = re.compile(r"[ \t\r\f]*\n\s*")
KEPT = ("pre", "textarea")


def join_lines(soup: BeautifulSoup) -> None:
    """Write the page's texts without line ends, those beside elements in the line as well, and exponents."""
    for string in soup.find_all(string=re.compile(r"\S|\n")):
        if not string.find_parent(KEPT) and (text := _joined(string)) != string:
            string.replace_with(NavigableString(text))


def _joined(string: NavigableString) -> str:
    before, after = _inline(string.previous_sibling), _inline(string.next_sibling)
    if not string.strip():
        if not (before and after):
            return str(string)  # between blocks
        return "" if LAST.search(before) and FIRST.search(after) else " "
    text = within(str(string))
    if FIRST.search(after):
        text = ENDS.sub("", text)
    if LAST.search(before):
        text = BEGINS.sub("", text)
    # An exponent's base, or the word that has a note, may stand in the element before.
    word = before.rpartition(" ")[2]
    return raised(word + LINE_END.sub(" ", text)).removeprefix(word)


def _inline(beside: object) -> str:
    return beside.get_text() if isinstance(beside, Tag) and beside.name in INLINE else ""
