"""HTML -> sections: headings become the path, the rest becomes Markdown."""

from __future__ import annotations

import re
from typing import Any

from bs4 import BeautifulSoup, Tag
from markdownify import MarkdownConverter

from pocketrag.formats.data.text_checks import UNFIT

from ..charset import decode
from .document import Document, Part, Skip, sections, without_data
from .html.html_borders import part_texts
from .html.html_lines import join_lines
from .html.html_lists import LABEL, number_items
from .html.html_ruby import spell_ruby
from .html.html_tables import spell_out
from .html.html_visible import take_out_unseen
from .html.xhtml import as_html
from .signs import bulleted

#: Emphasis and links' targets cost tokens and say nothing.
STRIPPED = ["a", "b", "code", "del", "em", "i", "kbd", "s", "samp", "strong", "sub", "sup"]
#: Text stays as people read it; a table without a heading row gets no empty one.
OPTIONS: dict[str, Any] = {
    "strip": STRIPPED,
    "bullets": "-",
    "escape_asterisks": False,
    "escape_underscores": False,
    "table_infer_header": True,
}
#: Soft hyphens, and spaces at which no line ends.
INVISIBLE = str.maketrans({"\u00ad": "", "\u00a0": " "})
#: What markdownify puts before an item.
ITEM = re.compile(r"(?:\d+\.|-) ")
#: The text of a page holds no NUL (see `read_html`), so it marks a heading: level, then text.
MARK = re.compile("\0([1-6])(.*?)\0", re.DOTALL)


class Converter(MarkdownConverter):
    """markdownify's converter, with headings as marks and images as their description."""

    def convert_hN(self, n: int, el: object, text: str, parent_tags: set[str]) -> str:  # noqa: N802 - its name
        """Mark a heading; in a table's cell it stays text."""
        heading = " ".join(text.split())
        return f" {heading} " if "_inline" in parent_tags else f"\n\n\0{min(max(n, 1), 6)}{heading}\0\n\n"

    def convert_li(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """Return a list's item behind the number that a browser shows."""
        found = str(super().convert_li(el, text, parent_tags))  # type: ignore[misc]  # not in its stub
        return _labelled(found, str(el[LABEL])) if el.has_attr(LABEL) and found.strip() else found

    def convert_td(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """Return a cell on one line."""
        return str(super().convert_td(el, " ".join(text.split()), parent_tags))  # type: ignore[misc]  # not in its stub

    def convert_th(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """Return a heading's cell on one line."""
        return str(super().convert_th(el, " ".join(text.split()), parent_tags))  # type: ignore[misc]  # not in its stub

    def convert_img(self, el: BeautifulSoup, text: str, parent_tags: set[str]) -> str:
        """Return what the image shows; its address is not text."""
        return UNFIT.sub("\ufffd", str(el.attrs.get("alt") or ""))


def _labelled(item: str, label: str) -> str:
    # What follows in the item stands as far to the right as its first word.
    first, *others = item.split("\n")
    start = ITEM.match(first)
    if start is None:
        return item
    indent = " " * (len(label) + 1)
    lines = (indent + line.removeprefix(" " * len(start[0])) if line.strip() else line for line in others)
    return "\n".join((f"{label} {first[start.end() :]}", *lines))


def read_html(data: bytes, where: str) -> Document:
    """Read an HTML file, in the charset in which a browser would.

    Raises:
        InputError: the bytes are text in neither.
        Skip: the tags are nested too deeply to be read.

    """
    page = decode(data, where, markup=True)
    return document_of(as_html(page) if where.lower().endswith(".xhtml") else page)


def document_of(page: str, site: bool = True) -> Document:
    """Read the text of an HTML file, which may be a fragment; one of a `site` has parts that all pages have.

    Raises:
        Skip: the tags are nested too deeply to be read.

    """
    title, text = _converted(page, site)
    parts = split(without_data(text))
    first = next((part.heading for part in parts if part.heading), "")
    return Document(" ".join(title.split()) or first, sections(parts))


def fragment(text: str) -> str:
    """Return a piece of HTML as the text that its readers see, headings too; raises as `document_of` does."""
    return MARK.sub(r"\n\n\2\n\n", _converted(text)[1]).strip()


def _converted(page: str, site: bool = True) -> tuple[str, str]:
    """Return the page's own title, and its text with headings as marks."""
    # lxml ends what HTML need not end (`<li>`, `<td>`, `<p>`) where browsers do.
    soup = BeautifulSoup(page, "lxml")
    for string in soup.find_all(string=UNFIT):  # `&#0;` is one way in
        string.replace_with(UNFIT.sub("\ufffd", string))
    head = soup.select_one("title:not(svg title)")
    title = head.get_text() if head else ""
    try:
        take_out_unseen(soup, site)
        spell_ruby(soup)
        join_lines(soup)
        part_texts(soup)
        spell_out(soup)
        number_items(soup)
        text = bulleted(Converter(**OPTIONS).convert_soup(soup).translate(INVISIBLE))
    except RecursionError:
        raise Skip("its tags are nested too deeply; save it as Markdown or text") from None
    return title, text


def split(text: str) -> list[Part]:
    """Cut the converted text at the marks of its headings."""
    before, *rest = MARK.split(text)
    return [
        Part(0, "", before),
        *(Part(int(n), heading, body) for n, heading, body in zip(*[iter(rest)] * 3, strict=True)),
    ]
