"""sqlite-vec: `vec0` of int8, and FTS5 beside it, fused by ranks as its author shows it.

https://alexgarcia.xyz/blog/2024/sqlite-vec-hybrid-search/index.html
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import apsw
import numpy as np

from pocketrag.formats.data.beir import read_corpus
from pocketrag.runtime.ranking import RRF, quantize_question
from pocketrag.runtime.vec0 import load_sqlite_vec

from ..timing.synthetic import Files
from .peer import DEPTH, FOUND

FILE = "vec.db"


def build(folder: Path, files: Files) -> None:
    """Write a table of texts, one of vectors and one of words."""
    passages, vectors = read_corpus(files.corpus), np.load(files.passages)
    connection = apsw.Connection(str(folder / FILE))
    load_sqlite_vec(connection)
    with connection:
        connection.execute(
            "CREATE TABLE passages (n INTEGER PRIMARY KEY, id TEXT, title TEXT, text TEXT);"
            "CREATE VIRTUAL TABLE words USING fts5(title, text, content='passages', content_rowid='n');"
            f"CREATE VIRTUAL TABLE vectors USING vec0(v int8[{vectors.shape[1]}] distance_metric=cosine)"
        )
        rows = [(n, p.id, p.title, p.text) for n, p in enumerate(passages)]
        connection.executemany("INSERT INTO passages VALUES (?, ?, ?, ?)", rows)
        connection.execute("INSERT INTO words (words) VALUES ('rebuild')")
        numbered = enumerate(map(_int8, vectors))
        connection.executemany("INSERT INTO vectors (rowid, v) VALUES (?, vec_int8(?))", numbered)
    connection.close()


class Vec0:
    """An open database with the extension loaded."""

    def __init__(self, folder: Path) -> None:
        """Open."""
        self.connection = apsw.Connection(str(folder / FILE))
        load_sqlite_vec(self.connection)

    def close(self) -> None:
        """Close the database."""
        self.connection.close()

    def dense(self, vector: np.ndarray) -> list[str]:
        """Return the nearest: all are compared."""
        return self._named(self._near(vector, FOUND))

    def hybrid(self, text: str, vector: np.ndarray) -> list[str]:
        """Return the best of both lists by reciprocal ranks."""
        asked = " OR ".join(f'"{word}"' for word in re.findall(r"\w+", text))
        query = "SELECT rowid FROM words WHERE words MATCH ? ORDER BY rank LIMIT ?"
        lexical = [n for (n,) in self.connection.execute(query, (asked, DEPTH))]
        fused: Counter[int] = Counter()
        for ranked in (self._near(vector, DEPTH), lexical):
            for place, n in enumerate(ranked, start=1):
                fused[n] += 1 / (RRF + place)  # type: ignore[assignment] # a Counter of floats
        return self._named([n for n, _ in fused.most_common(FOUND)])

    def _near(self, vector: np.ndarray, limit: int) -> list[int]:
        query = "SELECT rowid FROM vectors WHERE v MATCH vec_int8(?) AND k = ? ORDER BY distance"
        return [n for (n,) in self.connection.execute(query, (_int8(vector), limit))]

    def _named(self, rows: list[int]) -> list[str]:
        query = "SELECT id FROM passages WHERE n = ?"
        return [str(self.connection.execute(query, (n,)).fetchall()[0][0]) for n in rows]


def _int8(vector: np.ndarray) -> bytes:
    return bytes(quantize_question(vector)[0])
