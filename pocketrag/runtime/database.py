"""Open `corpus.db` and ask it the queries of `search.sql`.

Through apsw: Python's own sqlite3 often lacks FTS5 or extensions.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import apsw
import numpy as np

from pocketrag.errors import InputError

from .full_text import is_whole
from .queries import QUERIES, FullText, Where, as_json
from .ranking import Ranked
from .vec0 import load_sqlite_vec, vec0_is_whole

SCHEMA_VERSION = 2
#: AI Edge RAG SDK's mark before a vector of float32, little-endian (localagents-rag 0.3.0, as one project
#: ships it).
MARK = b"VF32"
#: The columns of the statements `passage`, `section` and `neighbours`.
COLUMNS = ("n", "id", "title", "text", "source", "page", "parent", "metadata")

#: One passage: `COLUMNS`, the metadata read.
Row = dict[str, Any]
Bindings = tuple[str | int | bytes | None, ...]


class Database:
    """A database opened read-only, with its vectors in memory."""

    def __init__(self, file: Path) -> None:
        """Open and check the shape of what is there.

        Raises:
            InputError: it is not a database of this schema version, or its vectors are not what its metadata
                says.

        """
        self.file = file
        with sqlite_errors(file):
            # immutable: an asset never changes while open, so SQLite needs no lock and leaves no file beside
            # it.
            uri = f"file:{quote(str(file.resolve()))}?mode=ro&immutable=1"
            self.connection = apsw.Connection(uri, flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI)
            self.metadata = {str(key): str(value) for key, value in self._all("metadata")}
            self._check_version()
            self.ids, self.vectors = self._vectors()
            self._full_text = FullText(self.connection)
        self.scale = self._step()

    @property
    def model_id(self) -> str:
        """The id of the model that made the vectors."""
        return self._meta("model_id")

    def bm25(self, question: str, limit: int, where: Where | None = None) -> Ranked:
        """Return the best `limit` passages as (id, score), higher is better; empty where no word is known."""
        with sqlite_errors(self.file):
            return self._full_text.bm25(question, limit, where)

    def known(self, question: str) -> tuple[int, int]:
        """Return how many words a question has, and how many of them the passages have."""
        with sqlite_errors(self.file):
            return self._full_text.known(question)

    def where(self, where: Where) -> set[str]:
        """Return the ids of the passages whose metadata are as a filter says."""
        with sqlite_errors(self.file):
            return {str(id_) for (id_,) in self._all("where", (as_json(where),))}

    def nearest(self, query: np.ndarray, limit: int) -> list[str]:
        """Return `limit` candidates for a question's int8 [dims] from sqlite-vec's table, nearest first."""
        with sqlite_errors(self.file):
            load_sqlite_vec(self.connection)
            return [str(id_) for (id_,) in self._all("nearest", (query.tobytes(), limit))]

    def passage(self, id_: str) -> Row:
        """Return one passage.

        Raises:
            InputError: it is not there.

        """
        rows = self._rows("passage", (id_,))
        if not rows:
            raise InputError(f"{self.file}: holds no passage {id_!r}.")
        return rows[0]

    def section(self, parent: str) -> list[Row]:
        """Return the passages of a section, in reading order."""
        return self._rows("section", (parent,))

    def neighbours(self, row: Row, each_side: int) -> list[Row]:
        """Return a passage and those around it of the same source, in reading order."""
        return self._rows("neighbours", (row["n"], each_side, row["source"]))

    def has_table(self, name: str) -> bool:
        """Say whether a table is there."""
        with sqlite_errors(self.file):
            return bool(list(self.connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (name,))))

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """Run one of our own statements; for gates."""
        with sqlite_errors(self.file):
            return [tuple(row) for row in self.connection.execute(statement)]

    def full_text_is_whole(self) -> bool:
        """Say whether full text and its counts are those of the passages.

        They are made once more to find out.
        """
        with sqlite_errors(self.file):
            return is_whole(self.connection)

    def vec0_is_whole(self) -> bool:
        """Say whether sqlite-vec's table holds the vectors of `chunk_vectors` and no more.

        It is made once more to find out.
        """
        with sqlite_errors(self.file):
            return vec0_is_whole(self.connection, self.vectors.shape[1])

    def close(self) -> None:
        """Close the file."""
        self.connection.close()

    def _rows(self, name: str, bindings: Bindings) -> list[Row]:
        with sqlite_errors(self.file):
            found = [dict(zip(COLUMNS, row, strict=True)) for row in self._all(name, bindings)]
        return [{**row, "metadata": self._object(row)} for row in found]

    def _object(self, row: Row) -> dict[str, Any]:
        try:
            found = json.loads(row["metadata"])
        except (TypeError, ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise InputError(f"{self.file}: the metadata of passage {row['id']!r} are not a JSON object.")
        return found

    def _all(self, name: str, bindings: Bindings = ()) -> list[Any]:
        return list(self.connection.execute(QUERIES[name], bindings))

    def _meta(self, key: str) -> str:
        if key not in self.metadata:
            raise InputError(f"{self.file}: metadata lacks {key!r}.")
        return self.metadata[key]

    def _check_version(self) -> None:
        version = self.metadata.get("schema_version")
        if version != str(SCHEMA_VERSION):
            newer = (version or "").isdecimal() and str(version) > str(SCHEMA_VERSION)
            do = "Update pocketrag." if newer else "Build the bundle again."
            raise InputError(
                f"{self.file}: schema_version is {version!r}; this pocketrag reads {SCHEMA_VERSION}. {do}"
            )

    def _vectors(self) -> tuple[list[str], np.ndarray]:
        dims, total = self._number("embedding_dim"), self._number("total_chunks")
        ids, rows, fit = [], bytearray(), True
        # One by one into one buffer: a list of all blobs would take as much again.
        for id_, blob in self.connection.execute(QUERIES["vectors"]):
            fit = fit and isinstance(blob, bytes) and len(blob) == dims
            rows += blob if fit else b""
            ids.append(str(id_))
        if not fit or len(ids) != total:
            raise InputError(
                f"{self.file}: chunk_vectors must hold {total} blobs of {dims} bytes, one a passage."
            )
        return ids, np.frombuffer(rows, np.int8).reshape(total, dims)

    def _step(self) -> float:
        value = self._meta("vector_scale")
        try:
            step = float(value)
        except ValueError:
            step = math.nan
        if not 0 < step < math.inf:
            raise InputError(f"{self.file}: metadata 'vector_scale' is {value!r}, which is not a scale.")
        return step

    def _number(self, key: str) -> int:
        value = self._meta(key)
        # More digits than a count can have; of thousands Python makes no number.
        if not value.isdecimal() or len(value) > 18 or int(value) < 1:
            raise InputError(f"{self.file}: metadata {key!r} is {value!r}, which is not a count.")
        return int(value)


@contextmanager
def sqlite_errors(file: Path) -> Iterator[None]:
    """Turn SQLite's errors, and texts that are not UTF-8, into one clear message that names the file."""
    try:
        yield
    except (apsw.Error, UnicodeDecodeError) as error:
        raise InputError(f"{file}: SQLite says {error} ({type(error).__name__}).") from error
