"""Open `corpus.db` and ask it the queries of `search.sql`. Through apsw: Python's own sqlite3 often lacks FTS5 or extensions."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw
import numpy as np

from pocketrag.android_assets import sql
from pocketrag.errors import InputError

DATABASE = "corpus.db"
SCHEMA_VERSION = 1
#: More distinct tokens than any question has; keeps a pasted book from becoming a million-term query.
MAX_TERMS = 128


def statements(text: str) -> dict[str, str]:
    """Split `search.sql` into its named statements."""
    parts = re.split(r"^-- name: (\w+)$", text, flags=re.MULTILINE)
    return {name: body.strip() for name, body in zip(parts[1::2], parts[2::2], strict=True)}


QUERIES = statements(sql("search.sql"))


class Database:
    """A database opened read-only, with its vectors in memory."""

    def __init__(self, file: Path) -> None:
        """Open and check the shape of what is there.

        Raises:
            InputError: it is no database of this schema version, or its vectors are not what its metadata says.

        """
        self.file = file
        with sqlite_errors(file):
            # immutable: an asset never changes while open, so SQLite needs no lock and leaves no file beside it.
            uri = f"file:{_uri(file)}?mode=ro&immutable=1"
            self.connection = apsw.Connection(uri, flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI)
            self.metadata = {str(key): str(value) for key, value in self._all("metadata")}
            self._check_version()
            rows = self._all("vectors")
        self.ids = [row[0] for row in rows]
        self.vectors = self._matrix([row[1] for row in rows])

    @property
    def model_id(self) -> str:
        """The id of the model that made the vectors."""
        return self._meta("model_id")

    @property
    def scale(self) -> float:
        """What one step of a vector's bytes is worth."""
        return float(self._meta("vector_scale"))

    def bm25(self, question: str, limit: int) -> list[tuple[str, float]]:
        """Return the best `limit` passages as (id, score), higher is better; empty where no word is known."""
        query = fts_query(question)
        with sqlite_errors(self.file):
            return [(str(id_), float(score)) for id_, score in self._all("bm25", (query, limit))] if query else []

    def nearest(self, query: np.ndarray, limit: int) -> list[str]:
        """Return `limit` candidates for a question's int8 [dims] from sqlite-vec's table, nearest first."""
        import sqlite_vec

        with sqlite_errors(self.file):
            self.connection.enable_load_extension(True)
            self.connection.load_extension(sqlite_vec.loadable_path())
            self.connection.enable_load_extension(False)
            return [str(id_) for (id_,) in self._all("nearest", (query.tobytes(), limit))]

    def passage(self, id_: str) -> dict[str, Any]:
        """Return one passage: id, title, text, source, page, metadata."""
        with sqlite_errors(self.file):
            row = self._all("passage", (id_,))[0]
        names = ("id", "title", "text", "source", "page", "metadata")
        return dict(zip(names, (*row[:5], json.loads(row[5])), strict=True))

    def has_table(self, name: str) -> bool:
        """Say whether a table is there."""
        with sqlite_errors(self.file):
            return bool(list(self.connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (name,))))

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """Run one of our own statements; for gates."""
        with sqlite_errors(self.file):
            return [tuple(row) for row in self.connection.execute(statement)]

    def full_text_is_whole(self) -> bool:
        """Let FTS5 compare its index with the passages, on a copy in memory: the check is a write, an asset is not written."""
        copy = apsw.Connection(":memory:")
        with sqlite_errors(self.file), copy.backup("main", self.connection, "main") as backup:
            backup.step()
        try:
            copy.execute("INSERT INTO chunks_fts (chunks_fts, rank) VALUES ('integrity-check', 1)")
        except apsw.Error:
            return False
        return True

    def close(self) -> None:
        """Close the file."""
        self.connection.close()

    def _all(self, name: str, bindings: tuple = ()) -> list[Any]:
        return list(self.connection.execute(QUERIES[name], bindings))

    def _meta(self, key: str) -> str:
        if key not in self.metadata:
            raise InputError(f"{self.file}: metadata lacks {key!r}.")
        return self.metadata[key]

    def _check_version(self) -> None:
        version = self.metadata.get("schema_version")
        if version != str(SCHEMA_VERSION):
            raise InputError(f"{self.file}: schema_version is {version!r}; this pocketrag reads {SCHEMA_VERSION}. Build it again.")

    def _matrix(self, blobs: list[bytes]) -> np.ndarray:
        dims = int(self._meta("embedding_dim"))
        if not blobs or any(not isinstance(blob, bytes) or len(blob) != dims for blob in blobs):
            raise InputError(f"{self.file}: chunk_vectors must hold blobs of {dims} bytes, one a passage.")
        return np.frombuffer(b"".join(blobs), np.int8).reshape(len(blobs), dims)


def fts_query(text: str) -> str:
    """Turn free text into an FTS5 query that can't fail: its distinct words, quoted, joined by OR; "" where it has none.

    FTS5's default is AND, which finds nothing for a question; quoting makes operators and column filters plain words.
    """
    words = dict.fromkeys(re.findall(r"[^\W_]+", text.lower()))
    return " OR ".join(f'"{word}"' for word in list(words)[:MAX_TERMS])


@contextmanager
def sqlite_errors(file: Path) -> Iterator[None]:
    """Turn SQLite's errors into one clear message that names the file."""
    try:
        yield
    except apsw.Error as error:
        raise InputError(f"{file}: SQLite says {error} ({type(error).__name__}).") from error


def _uri(file: Path) -> str:
    from urllib.parse import quote

    return quote(str(file.resolve()))
