"""Lines of a Markdown file -> the lines that its readers see: no comments, link targets, data or settings."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from markdown_it.common.utils import normalizeReference
from markdown_it.token import Token

from .document import readable
from .from_html import fragment
from .html.html_borders import INLINE as IN_LINE
from .raised import around

TARGET = (
    r"""\([ \t\n]*(?:<[^<>\n]*>|(?:[^\s()<>]|\((?:[^\s()]|\([^\s()]*\))*\))*)"""
    r"""(?:[ \t\n]+(?:"[^"]*"|'[^']*'|\([^()]*\)))?[ \t\n]*\)"""
)
TEXT = r"(?:[^\[\]]|\[(?:[^\[\]]|\[[^\[\]]*\])*\])"
ATTRIBUTES = r"""(?:[^<>"']|"[^"]*"|'[^']*')*"""
HIDDEN = (
    r"""(?:\shidden(?=[\s/>=])(?!=["']?until-found)|\saria-hidden\s*=\s*["']?true["']?"""
    r"""|\sstyle\s*=\s*["'][^"']*(?:display\s*:\s*none|visibility\s*:\s*hidden)[^"']*["'])"""
)
#: Where an element begins that is hidden.
OPENING = rf"(?P<opening><(?P<hidden>[a-z][\w-]*)(?=\s){ATTRIBUTES}?{HIDDEN}{ATTRIBUTES}>)"
OPENS = re.compile(OPENING, re.IGNORECASE)
#: What a paragraph holds that its reader does not see, or sees in another way; code spans stay as they are.
INLINE = re.compile(
    r"(?P<code>(?<!`)(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`))"
    # Comments: HTML's, Obsidian's; a program's instructions.
    r"|(?P<gone><!--(?:-?>|.*?-->)|<\?.*?\?>|<!\[CDATA\[.*?\]\]>"
    r"|^[ \t]*%%.*?%%|(?<!\S)%%(?=\S)[^%\n]+(?<=\S)%%(?!\S)"
    # A comment in the form of a link's definition; lines for a program that makes pages: contents, classes.
    r"""|^[ \t]*\[[^\]^][^\]]*\]:[ \t]*(?:\#|<>)[ \t]*(?:\(.*?\)|"[^"\n]*"|'[^'\n]*')?[ \t]*$"""
    r"|^[ \t]*(?:\[TOC\]|\[\[_?TOC_?\]\]|\{:[^{}\n]*\})[ \t]*$"
    rf"|<(?P<unseen>script|style|template|noscript)\b{ATTRIBUTES}>.*?</(?P=unseen)\s*>)"
    rf"|{OPENING}"
    rf"|(?P<whole><(?P<kind>svg|ruby)\b{ATTRIBUTES}>.*?</(?P=kind)\s*>)"
    rf"|<(?P<raised>su[bp])\b{ATTRIBUTES}>(?P<inner>.{{0,200}}?)</(?P=raised)\s*>"
    r"|(?P<hard>\\(?=\n))"
    r"|(?P<escape>\\[!-/:-@\[-`{}~])"
    r"|<(?P<address>[a-z][a-z0-9+.-]+:[^\s<>]*|[\w.+-]+@[\w.-]+)>"
    rf"|!\[(?P<alt>{TEXT}{{0,1000}})\](?:{TARGET}|\[(?P<picture>[^\[\]]*)\])?"
    rf"|(?<![\w\]])\[(?P<text>{TEXT}{{1,1000}})\](?:(?P<target>{TARGET})|\[(?P<label>[^\[\]]*)\])?"
    rf"|(?P<tag></?[a-zA-Z]{ATTRIBUTES}>)"
    r"|(?P<entity>&(?:#\d+|#[xX][0-9a-fA-F]+|\w+);)",
    re.DOTALL | re.IGNORECASE | re.MULTILINE,
)
#: Elements of HTML in Markdown whose content no reader sees.
UNSEEN = re.compile(
    r"<(script|style|template|noscript|nav)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)|<\?.*?\?>"
    r"|<!\[CDATA\[.*?\]\]>|<![a-z][^>]*>",
    re.DOTALL | re.IGNORECASE,
)
#: Tags that HTML knows; any other, `<name>` say, is a placeholder and meant to be read.
KNOWN = re.compile(
    r"</?(?:a|abbr|article|aside|b|blockquote|br|button|center|cite|code|col|colgroup|dd|del|details|div|dl|dt"
    r"|em|figcaption|figure|font|footer|form|h[1-6]|header|hr|i|iframe|img|input|ins|kbd|label|li|main|mark|nav"
    r"|ol|p|picture|pre|q|s|rb|rp|rt|rtc|ruby|samp|section|small|source|span|strong|sub|summary|sup|svg|table|tbody|td|tfoot|th"
    r"|thead|tr|u|ul|var|video|wbr)\b",
    re.IGNORECASE,
)
#: Emphasis and tags at the end of what stands before a `<sup>`.
MARKS = re.compile(r"(?:[*_]|</?[a-zA-Z][^<>]*>)+\Z")
ALT = re.compile(r"""\balt\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
#: Stands for a line that is gone, so that line numbers stay; no text holds a NUL.
GONE = "\0"
#: Not for a reader: a zero-width or soft character that an entity stands for.
INVISIBLE = str.maketrans({"\u00ad": "", "\u200b": "", "\u00a0": " "})

#: Label -> what `markdown_it` knows of the link that is defined by it.
References = Mapping[str, Mapping[str, Any]]


def visible(lines: Sequence[str], tokens: Sequence[Token], env: Mapping[str, Any]) -> list[str]:
    """Return as many lines as there were, what readers do not see taken out of them; code stays as it is.

    `env` is what the parser filled: definitions of links.
    """
    references: References = {
        label: found for label, found in env.get("references", {}).items() if not label.startswith("^")
    }
    seen = list(lines)
    for first, end in dict.fromkeys(_span(t) for t in tokens if t.type == "inline" and t.map):
        seen[first:end] = _padded(seen_text("\n".join(lines[first:end]), references), end - first)
    for token in tokens:
        first, end = _span(token)
        if token.type == "html_block":
            seen[first:end] = _padded(_html("\n".join(lines[first:end])), end - first)
        elif token.type == "hr":
            seen[first:end] = [GONE] * (end - first)
    for first, end in (*_definitions(references, env), *_hidden(lines, tokens)):
        seen[first:end] = [GONE] * (end - first)
    return seen


def seen_text(text: str, references: References) -> str:
    """Return a paragraph, or several lines of one, as its readers see it."""
    seen, at = "", 0
    while match := INLINE.search(text, at):
        seen, at = seen + readable(text[at : match.start()]), match.end()
        if match["opening"] and (end := closed(text, match)) is not None:
            at = end
        else:
            seen += _seen(match, references)
    return seen + readable(text[at:])


def without_gone(lines: Sequence[str]) -> str:
    """Return the lines as a text: no lines that are gone, nor the second blank line where one was."""
    kept, gone = list[str](), False
    for line in lines:
        if line == GONE:
            gone = True
        elif line.strip() or not (gone and kept and not kept[-1].strip()):
            kept.append(line)
            gone = False
    return "\n".join(kept)


def _span(token: Token) -> tuple[int, int]:
    first, end = token.map or (0, 0)
    return first, end


def _definitions(references: References, env: Mapping[str, Any]) -> Iterator[tuple[int, int]]:
    # A definition says where a link leads. A footnote's (`[^1]: see`) is text.
    for found in (*references.values(), *env.get("duplicate_refs", ())):
        if not str(found.get("label", "")).startswith("^"):
            first, end = found["map"]
            yield first, end


def _hidden(lines: Sequence[str], tokens: Sequence[Token]) -> Iterator[tuple[int, int]]:
    """Yield the lines from a block in which a hidden element begins to that in which it ends."""
    blocks = [_span(token) for token in tokens if token.type == "html_block"]
    texts = ["\n".join(lines[first:end]) for first, end in blocks]
    for n, (first, end) in enumerate(blocks):
        for opening in OPENS.finditer(texts[n]):
            if closed(texts[n], opening) is None:
                ends = (
                    blocks[m][1]
                    for m in range(n + 1, len(blocks))
                    if closed("\n".join(texts[n : m + 1]), opening) is not None
                )
                yield first, next(ends, end)


def closed(text: str, opening: re.Match[str]) -> int | None:
    """Return where the element ends that opens there, those of its name in it aside; None: nowhere."""
    depth = 1
    for tag in re.finditer(rf"<(/?){opening['hidden']}\b{ATTRIBUTES}>", text[opening.end() :], re.IGNORECASE):
        depth += -1 if tag[1] else 1
        if not depth:
            return opening.end() + tag.end()
    return None


def _padded(text: str, count: int) -> list[str]:
    if not text.strip():
        return [GONE] * count
    lines = text.split("\n")
    return [*lines[: count - 1], "\n".join(lines[count - 1 :]), *[GONE] * (count - len(lines))][:count]


def _html(text: str) -> str:
    left = UNSEEN.sub("", text)
    return fragment(text) if KNOWN.search(left) else seen_text(left, {})


def _seen(match: re.Match[str], references: References) -> str:
    if match["code"]:
        return match[0]
    if match["escape"] or match["hard"]:
        return match[0][1:] or "  "
    if match["raised"]:
        return _raised(match, references)
    if match["whole"]:
        return fragment(match["whole"])
    if match["alt"] is not None or match["text"] is not None:
        return _link(match, references)
    tag = match["tag"] or match["opening"]
    return _tag(tag) if tag else _character(match)


def _character(match: re.Match[str]) -> str:
    if match["address"]:
        return match["address"].removeprefix("mailto:")
    return html.unescape(match[0]).translate(INVISIBLE) if match["entity"] else ""


def _link(match: re.Match[str], references: References) -> str:
    """Return a link's or a picture's text; brackets that name no link stay."""
    group, label = ("alt", "picture") if match["text"] is None else ("text", "label")
    start, end = (at - match.start() for at in match.span(group))
    before, after = match[0][:start], match[0][end:]
    inner = seen_text(match[group], references)
    known = after.endswith(")") or normalizeReference(match[label] or match[group]) in references
    return inner if known else before + inner + after


def _tag(tag: str) -> str:
    if not KNOWN.match(tag):
        return tag
    if name_of(tag) in IN_LINE:
        return ""
    alt = ALT.search(tag)
    return f" {html.unescape(alt[1] or alt[2] or alt[3] or '')} " if alt else " "


def _raised(match: re.Match[str], references: References) -> str:
    inner = seen_text(match["inner"], references)
    before = MARKS.sub("", match.string[: match.start()])
    link = "](" in match["inner"] or "<a" in match["inner"].lower()
    return inner.join(around(match["raised"].lower(), inner, before, link))


def name_of(tag: str) -> str:
    """Return the name in a tag of HTML, in small letters."""
    return re.split(r"[\s/>]", tag.strip("</"), maxsplit=1)[0].lower()
