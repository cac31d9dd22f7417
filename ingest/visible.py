"""Lines of a Markdown file -> the lines that its readers see: no comments, link targets, data or settings."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from markdown_it.token import Token

#: What a line of text holds that its reader does not see, and code spans, which stay as they are. In order:
#: code, comments (HTML's, Obsidian's), images, links, references, autolinks.
INLINE = re.compile(
    r"(?P<code>(?<!`)(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`))"
    r"|(?P<comment><!--.*?(?:-->|\Z)|%%.+?%%)"
    r"|(?P<escape>\\[\\\[\]!<>*_`&#])"
    r"|!\[(?P<alt>[^\]]*)\](?:\((?:[^()]|\([^()]*\))*\)|\[[^\]]*\])"
    r"|(?<![\w\]])\[(?P<text>(?:[^\[\]]|\[[^\[\]]*\])+)\](?:\((?:[^()]|\([^()]*\))*\)|\[[^\]]*\])"
    r"|(?P<tag></?[a-zA-Z][^<>]*>)"
    r"|(?P<entity>&(?:#\d+|#[xX][0-9a-fA-F]+|\w+);)",
    re.DOTALL,
)
#: Elements of HTML in Markdown whose content no reader sees.
UNSEEN = re.compile(
    r"<(script|style|template|noscript|nav)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)|<\?.*?\?>", re.DOTALL | re.I
)
#: A link's target, which stands alone; a footnote (`[^1]:`) is text.
DEFINITION = re.compile(
    r"""^ {0,3}\[(?!\^)(?:[^\[\]\\]|\\.)+\]:[ \t]*\S+(?:[ \t]+(?:"[^"]*"|'[^']*'|\([^()]*\)))?[ \t]*$"""
)
#: Tokens whose lines are text with markup.
SHOWN = ("inline",)
#: Tags that HTML knows; any other, `<name>` say, is a placeholder and meant to be read.
KNOWN = re.compile(
    r"</?(?:a|abbr|article|aside|b|blockquote|br|button|center|cite|code|dd|details|div|dl|dt|em|figcaption"
    r"|figure|font|footer|h[1-6]|header|hr|i|iframe|img|input|kbd|li|main|mark|ol|p|picture|pre|q|s|samp"
    r"|section|small|source|span|strong|sub|summary|sup|svg|table|tbody|td|tfoot|th|thead|tr|u|ul|var|video"
    r")\b",
    re.IGNORECASE,
)
ALT = re.compile(r"""\balt\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
#: Not for a reader: a zero-width or soft character that an entity stands for.
INVISIBLE = str.maketrans({"\u00ad": "", "\u200b": "", "\u00a0": " "})


def visible(lines: Sequence[str], tokens: Sequence[Token]) -> list[str]:
    """Return as many lines as there were, what readers do not see taken out of them.

    Code stays as it is.
    """
    seen, code = list(lines), set[int]()
    for first, end in dict.fromkeys(_span(token) for token in tokens if token.type in SHOWN and token.map):
        seen[first:end] = _padded(seen_text("\n".join(lines[first:end])), end - first)
    for token in tokens:
        first, end = _span(token)
        if token.type == "html_block":
            seen[first:end] = _padded(seen_text(UNSEEN.sub("", "\n".join(lines[first:end]))), end - first)
        elif token.type in ("fence", "code_block"):
            code.update(range(first, end))
    return [line if n in code or not DEFINITION.match(line) else "" for n, line in enumerate(seen)]


def seen_text(text: str) -> str:
    """Return a paragraph, or several lines of one, as its readers see it."""
    return INLINE.sub(_seen, text)


def _span(token: Token) -> tuple[int, int]:
    first, end = token.map or (0, 0)
    return first, end


def _padded(text: str, count: int) -> list[str]:
    lines = text.split("\n")
    return [*lines, *[""] * (count - len(lines))][:count]


def _seen(match: re.Match[str]) -> str:
    if match["code"] or match["escape"]:
        return match[0]
    if match["comment"]:
        return ""
    if match["alt"] is not None:
        return match["alt"]
    if match["text"] is not None:
        return seen_text(match["text"])
    if match["tag"]:
        return _tag(match["tag"])
    return html.unescape(match[0]).translate(INVISIBLE)


def _tag(tag: str) -> str:
    if not KNOWN.match(tag):
        return tag
    alt = ALT.search(tag)
    return html.unescape(alt[1] or alt[2] or "") if alt else ""
