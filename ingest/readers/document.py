"""What every reader returns: a document, cut into sections at its headings.

Also how plain text is read and unwrapped.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..charset import decode
from .joining import unwrapped
from .signs import bulleted, raised

#: The end of a letter's or a comma's line, before a letter: a line end within a sentence, if that letter is a
#: small one.
WRAP = re.compile(r"(?<=[^\W\d_]|[,;])[ \t]*\n[ \t]*(?=([^\W\d_]))")


#: A file as an address: its kind, then its bytes, in base64 perhaps over several lines.
DATA = re.compile(
    r"""(\bdata:[\w.+-]+/[\w.+-]+(?:;[\w=.-]+)*,)[^\s"'<>()\[\]]{64,}(?:\n[ \t]*[A-Za-z0-9+/]{60,}={0,2})*"""
    r"(?:\n[ \t]*[A-Za-z0-9+/]+={1,2}(?!\S))?",
    re.IGNORECASE,
)


class Skip(Exception):  # noqa: N818 - no error: the run goes on
    """A file that is left out; the message says why, and what to do."""


@dataclass(frozen=True)
class Part:
    """A heading and what stands below it, up to the next heading."""

    level: int
    """1 to 6; 0 for what stands before the first heading."""
    heading: str
    text: str


@dataclass(frozen=True)
class Section:
    """The text below one heading, or of one page: what passages are split from."""

    headings: tuple[str, ...]
    """The path to it, outermost first."""
    text: str
    """Never blank."""
    page: int | None = None
    """From 1; None where the file has no pages."""


@dataclass(frozen=True)
class Document:
    """What a file holds."""

    title: str
    """What the file calls itself; empty where it does not."""
    sections: tuple[Section, ...]
    markdown: bool = True
    """Split at Markdown's blocks, or at the blank lines of plain text."""
    blank: tuple[int, ...] = ()
    """Pages without text."""
    missing: tuple[str, ...] = ()
    """What the file shows and could not be read, a sentence each with what to do."""


def read_text(data: bytes, where: str) -> Document:
    """Read a plain text: one section without headings; raises as `decode` does."""
    text = unwrap(readable(without_data(decode(data, where))))
    return Document("", (Section((), text),) if text.strip() else (), markdown=False)


def without_data(text: str) -> str:
    """Leave of files that are written into a text (`data:` addresses) their kind alone."""
    return DATA.sub(r"\1…", text)


def readable(text: str) -> str:
    """Spell the signs of a plain text: exponents, marks of notes, bullets."""
    return raised(bulleted(text))


def unwrap(text: str) -> str:
    """Turn line ends within a sentence into spaces, or into nothing in scripts without spaces.

    A splitter takes a line end for a better place to cut than a sentence's end.
    """
    return WRAP.sub(lambda match: " " if match[1].islower() else match[0], unwrapped(text))


def sections(parts: Sequence[Part]) -> tuple[Section, ...]:
    """Give every part the path of headings above it.

    A heading with nothing at all below it becomes its own text: none is lost.
    """
    found, path = [], list[Part]()
    for index, part in enumerate(parts):
        path = [*(above for above in path if above.level < part.level), part]
        leads = index + 1 < len(parts) and parts[index + 1].level > part.level
        text = part.text if part.text.strip() or leads else part.heading
        if text.strip():
            found.append(Section(tuple(p.heading for p in path if p.heading), text))
    return tuple(found)
