"""Sections -> passages that an embedder takes whole, measured as it will see them.

Prompt, title and text, in its own tokens.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from semantic_text_splitter import MarkdownSplitter, TextSplitter

from pocketrag.errors import InputError
from pocketrag.formats.data.beir import Passage
from pocketrag.formats.prompts import Prompts
from pocketrag.formats.tokenizer import Tokenize

from .folder import id_of
from .readers.document import Document, Section
from .readers.from_markdown import PARSER

#: The fewest tokens beside the prompt: half of them are the text's, and 8 hold any one character (4 bytes at
#: worst) and some.
FEWEST = 16
WORD = re.compile(r"\w")
#: The row of rules below a table's head, which says nothing alone.
RULES = re.compile(r"\|?(?:\s*:?-{3,}:?\s*\|)+(?:\s*:?-{3,}:?\s*)?")
#: Between the headings of a title.
PATH = " > "

Splitter = type[MarkdownSplitter] | type[TextSplitter]


@dataclass(frozen=True)
class Ruler:
    """How long a passage may be, and how that is measured."""

    tokenize: Tokenize
    prompts: Prompts
    limit: int
    """Most tokens of a passage, with prompt, title and special tokens."""
    overlap: int = 0
    """Tokens that a passage may repeat of the one before, out of the same section."""

    def size(self, title: str, text: str) -> int:
        """Return the tokens of a passage as the embedder will see it."""
        return len(self.tokenize(self.prompts.passage(title, text)))

    @property
    def room(self) -> int:
        """Tokens that are left for title and text."""
        return self.limit - self.size("", "")

    def check(self) -> None:
        """Refuse limits that leave no room.

        Raises:
            InputError: names the option.

        """
        if self.room < FEWEST:
            least = self.size("", "") + FEWEST
            raise InputError(
                f"--tokens {self.limit}: too few beside the embedder's prompt; give at least {least}."
            )
        if not 0 <= self.overlap < self.room // 2:
            raise InputError(
                f"--overlap {self.overlap}: must be 0 to {self.room // 2 - 1}, less than half of a passage."
            )

    def clip(self, title: str) -> str:
        """Return the first words of a title that take at most half of the room."""
        words = title.split()[: self.room]
        while words and not self._short(" ".join(words)):
            words.pop()
        return " ".join(words)

    def title(self, path: Sequence[str]) -> str:
        """Return a path of headings as a title that takes at most half of the room.

        The innermost heading says most: where they are too long together, the outer ones go first.
        """
        short = next((path[n:] for n in range(len(path)) if self._short(PATH.join(path[n:]))), path[-1:])
        return self.clip(PATH.join(short))

    def _short(self, title: str) -> bool:
        return self.size(title, "") - self.size("", "") <= self.room // 2

    def split(self, title: str, text: str, markdown: bool) -> list[str]:
        """Cut a section's text into passages that fit below `title`, none of them blank."""
        regions = (
            _regions(text, lambda code: self.size(title, code) > self.limit)
            if markdown
            else [(TextSplitter, text)]
        )
        pieces = list[str]()
        for kind, region in regions:
            self._cut(kind, title, region, pieces)
        return pieces

    def _cut(self, kind: Splitter, title: str, text: str, pieces: list[str]) -> None:
        # The splitter measures a repeated piece with the prompt, too.
        overlap = self.overlap and self.overlap + self.size(title, "")
        splitter = kind.from_callback(lambda piece: self.size(title, piece), self.limit, overlap)
        for piece in (
            piece for chunk in splitter.chunks(text) for piece in self._fitting(title, chunk) if piece
        ):
            # A closing fence or a rule alone answers nothing: the line before comes along.
            above, _, last = (
                pieces[-1].rpartition("\n") if pieces and not WORD.search(piece) else ("", "", "")
            )
            moved = [above.strip(), f"{last}\n{piece}".strip()]
            if moved[0] and all(self.size(title, text) <= self.limit for text in moved):
                pieces[-1:] = moved
            else:
                pieces.append(piece)

    def _fitting(self, title: str, chunk: str) -> Iterator[str]:
        # The splitter keeps to the limit but for what it will not cut; this is the proof, and the last
        # resort.
        chunk = chunk.strip()
        if self.size(title, chunk) <= self.limit:
            yield chunk
        elif len(chunk) < 2:
            raise InputError(f"--tokens {self.limit}: too few for the character {chunk!r}; give more.")
        else:
            middle = len(chunk) // 2
            yield from self._fitting(title, chunk[:middle])
            yield from self._fitting(title, chunk[middle:])


def _regions(text: str, too_long: Callable[[str], bool]) -> Iterator[tuple[Splitter, str]]:
    # MarkdownSplitter cuts a long code block behind its opening fence, which would be a passage of its own;
    # TextSplitter does not.
    lines, start = text.split("\n"), 0
    for token in PARSER.parse(text):
        first, end = token.map or (0, 0)
        if token.type == "fence" and token.level == 0 and too_long(code := "\n".join(lines[first:end])):
            yield MarkdownSplitter, "\n".join(lines[start:first])
            yield TextSplitter, code
            start = end
    yield MarkdownSplitter, "\n".join(lines[start:])


def passages(name: str, document: Document, ruler: Ruler) -> list[Passage]:
    """Split a document into passages.

    Ids and parents come from its name and the place in it, so another file never changes them.

    Raises:
        InputError: a character takes more tokens than a passage may have.

    """
    found = list[Passage]()
    for number, section in enumerate(document.sections, 1):
        title = ruler.title(_path(name, document, section))
        pieces = ruler.split(title, section.text, document.markdown)
        for text in (piece for piece in pieces if not RULES.fullmatch(piece)):
            place = {
                "source": name,
                "page": section.page,
                "headings": list(section.headings),
                "parent": f"{id_of(name)}#s{number}",
            }
            metadata = {key: value for key, value in place.items() if value is not None}
            found.append(Passage(f"{id_of(name)}#{len(found) + 1}", title, text, metadata))
    return found


def _path(name: str, document: Document, section: Section) -> list[str]:
    # The document, then the headings; a document is often called as its first heading is.
    outer = document.title or ("" if section.headings else Path(name).stem)
    return list(dict.fromkeys(part for part in (outer, *section.headings) if part))
