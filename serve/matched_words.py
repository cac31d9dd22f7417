"""Which words of a passage are those of a question: the same, or of the same stem, and not too common."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property

from pocketrag.runtime.database import Database
from pocketrag.runtime.words import cut

#: What may be a word. FTS5 decides what is one.
PIECE = re.compile(r"\w+")
#: Words that more passages have say nothing of one of them, such as "a" and "what".
COMMON = 0.2


class MatchedWords:
    """The words of a corpus and their stems."""

    def __init__(self, database: Database) -> None:
        """Take an open database."""
        self._database = database

    @cached_property
    def stem_of(self) -> dict[str, str]:
        """Folded word -> its stem, the word itself where the database has none."""
        return {
            str(word): str(stem or word) for word, stem in self._database.rows("SELECT word, stem FROM words")
        }

    @cached_property
    def common(self) -> set[str]:
        """Stems, and words without one, that more than a fifth of the passages have."""
        rows = self._database.rows(
            "SELECT word, passages FROM words WHERE stem IS NULL UNION ALL SELECT stem, passages FROM stems"
        )
        return {str(word) for word, n in rows if n > COMMON * len(self._database.ids)}

    def wanted(self, question: str) -> set[str]:
        """Return the stems of a question's words."""
        return {stem for stem in self._stems(question) if stem not in self.common}

    def spans(self, text: str, wanted: set[str]) -> list[tuple[int, int]]:
        """Return where words with one of these stems begin and end, as browsers count, in units of UTF-16."""
        found = [m.span() for m in PIECE.finditer(text) if wanted.intersection(self._stems(m.group()))]
        return [(_units(text[:start]), _units(text[:end])) for start, end in found]

    def _stems(self, text: str) -> Iterable[str]:
        return (self.stem_of.get(word, word) for word in cut(text))


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
