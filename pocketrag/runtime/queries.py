"""The statements of `search.sql`, and the full-text part of a search.

All of it is SQL, so the app does just the same.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import apsw

from pocketrag.android_assets import sql
from pocketrag.errors import InputError
from pocketrag.formats.data.text_checks import UNFIT
from pocketrag.formats.tokenizer import clean

from .folding import folded
from .phrases import phrases
from .ranking import Ranked

#: How many entries of the full-text index a question may read: so many that 95 of 100 searches among 100 000
#: passages stay under 25 ms. That keeps 98.5 % of what fusion's 10 best would be without a limit
#: (docs/index.md, "How it grows", has the other numbers); a corpus of a few thousand passages is hardly ever
#: cut short.
ENTRIES = 20_000
#: A metadata key -> the values that a passage may have there.
Where = Mapping[str, Sequence[str | int]]


def statements(text: str) -> dict[str, str]:
    """Split `search.sql` into its named statements."""
    parts = re.split(r"^-- name: (\w+)$", text, flags=re.MULTILINE)
    return {name: body.strip() for name, body in zip(parts[1::2], parts[2::2], strict=True)}


QUERIES = statements(sql("search.sql"))


class FullText:
    """BM25 over a connection that holds the schema.

    The connection may be read-only, a question is cut in a temporary table.
    """

    def __init__(self, connection: apsw.Connection) -> None:
        """Make the temporary table."""
        self.connection = connection
        connection.execute("PRAGMA temp_store = MEMORY")
        for name in ("question", "question_words"):
            connection.execute(QUERIES[name])

    def match(self, question: str, entries: int = ENTRIES) -> str | None:
        """Return the FTS5 query of any text, None where the database knows none of its words.

        Args:
            question: any text; operators, quotes and SQL in it are words like others, or nothing.
            entries: of the index that may be read; the rarest words come first.

        """
        more = json.dumps(phrases(clean(question), self._ask(question)), ensure_ascii=False)
        (found,) = next(iter(self.connection.execute(QUERIES["match"], (entries, more))))
        return None if found is None else str(found)

    def known(self, question: str) -> tuple[int, int]:
        """Return how many words a question has, and how many of them the passages have."""
        self._ask(question)
        asked, known = next(iter(self.connection.execute(QUERIES["known"])))
        return int(asked), int(known)

    def bm25(self, question: str, limit: int, where: Where | None = None, entries: int = ENTRIES) -> Ranked:
        """Return the best `limit` passages as (id, score), higher is better; empty where no word is known.

        Raises:
            apsw.Error: the index is damaged.

        """
        if (query := self.match(question, entries)) is None:
            return []
        name, more = ("bm25_where", (as_json(where),)) if where else ("bm25", ())
        found = list(self.connection.execute(QUERIES[name], (query, limit, *more)))
        if any(score is None or not math.isfinite(score) for _, score in found):
            raise apsw.CorruptError("BM25 is not a number: the lengths in the full-text index are damaged")
        return [(str(id_), float(score)) for id_, score in found]

    def _ask(self, question: str) -> str:
        text = folded(clean(question))
        self.connection.execute(QUERIES["forget"])
        self.connection.execute(QUERIES["ask"], (text,))
        return text


def as_json(where: Where) -> str:
    """Return a filter as `search.sql` takes it: a JSON object of lists.

    Raises:
        InputError: one value stands where a list of them is needed.

    """
    for key, values in where.items():
        if isinstance(values, str | int):
            raise InputError(f"the filter {key!r}: give a list of values, such as [{values!r}].")
    rows: dict[str, Any] = {key: list(values) for key, values in where.items()}
    return UNFIT.sub("\ufffd", json.dumps(rows, ensure_ascii=False))
