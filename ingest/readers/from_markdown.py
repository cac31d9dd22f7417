"""Markdown -> sections, by CommonMark's own idea of a heading: a `#` in a code block is none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from ..charset import decode
from .document import Document, Part, sections, without_data
from .from_html import fragment
from .front_matter import without_front_matter
from .joining import within
from .raised import around
from .signs import raised
from .visible import GONE, name_of, visible, without_gone

PARSER = MarkdownIt("commonmark").enable("table")
# Nobody follows the links: one that a browser would refuse is a link all the same.
PARSER.validateLink = lambda url: True  # type: ignore[method-assign]
#: Tags that only shape a heading. Any other, `<name>` say, is meant to be read.
TAG = re.compile(r"</?(?:a|b|br|code|em|i|img|kbd|small|span|strong|sub|sup|u)\b[^>]*>", re.IGNORECASE)
#: A word with its reading above the line.
RUBY = re.compile(r"<ruby\b.*?</ruby\s*>", re.IGNORECASE | re.DOTALL)
#: What a site generator reads at a heading's end: `{#id .class}`.
ATTRIBUTES = re.compile(r"\s*\{:?\s*[#.][^{}]*\}\s*\Z")
#: A line end in a paragraph that is not a hard break.
SOFT = re.compile(r"(?<!\\)(?<!  )\n[ \t]*")


def read_markdown(data: bytes, where: str) -> Document:
    """Read a Markdown file: a section a heading, its text as readers see it.

    Raises:
        InputError: the bytes are not UTF-8 text.

    """
    title, text = without_front_matter(without_data(decode(data, where)))
    parts = split(text)
    first = next((part.heading for part in parts if part.heading), "")
    return Document(title or first, sections(parts))


def split(text: str) -> list[Part]:
    r"""Cut a Markdown text at its headings; the parts' texts and the headings' lines are all of its lines."""
    env: dict[str, Any] = {}
    tokens = PARSER.parse(text, env)
    lines, parts = _unwrapped(visible(text.split("\n"), tokens, env), tokens), list[Part]()
    start, level, heading = 0, 0, ""
    for token, inline in _headings(tokens):
        first, end = token.map or (0, 0)
        if lines[first] == GONE:
            continue
        parts.append(Part(level, heading, without_gone(lines[start:first])))
        start, level, heading = end, int(token.tag[1]), plain(inline)
    return [*parts, Part(level, heading, without_gone(lines[start:]))]


def plain(inline: Token) -> str:
    """Return a heading as people read it: without its markup, links without their targets."""
    text, behind = "", ""
    if RUBY.search(inline.content):
        inline = PARSER.parseInline(RUBY.sub(lambda match: fragment(match[0]), inline.content))[0]
    children = inline.children or []
    for child, after in zip_longest(children, children[1:]):
        if child.type == "html_inline" and name_of(child.content) in ("sup", "sub"):
            inner = "" if after is None or child.content.startswith("</") else after.content
            before, now = around(name_of(child.content), inner, text) if inner else (behind, "")
            text, behind = text + before, now
        text += _words(child)
    text = ATTRIBUTES.sub("", text)
    return " ".join(raised(within(text if text.strip() else inline.content)).split())


def _words(token: Token) -> str:
    if token.type in ("softbreak", "hardbreak"):
        return "\n" if token.type == "softbreak" else " "
    if token.type == "html_inline":
        return "" if token.content.startswith(("<!", "<?")) else TAG.sub("", token.content)
    return token.content


def _headings(tokens: Sequence[Token]) -> Iterator[tuple[Token, Token]]:
    # Level 0: a heading inside a list or a quotation does not end the section around it.
    for index, token in enumerate(tokens):
        if token.type == "heading_open" and token.level == 0:
            yield token, tokens[index + 1]


def _unwrapped(lines: list[str], tokens: Sequence[Token]) -> list[str]:
    # As `unwrap`, but paragraphs and hard breaks are known here.
    for token in tokens:
        if token.type == "paragraph_open":
            first, end = token.map or (0, 0)
            left = [line for line in lines[first:end] if line != GONE] or [GONE]
            text = within("\n".join(left))
            joined = (SOFT.sub(" ", text) if token.level == 0 else text).split("\n")
            lines[first:end] = [*joined, *[GONE] * (end - first - len(joined))]
    return lines
