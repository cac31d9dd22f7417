"""Workloads of known size, one for each kind of work: what a benchmark is divided by, timed in the same run.

A ratio to work of the same kind carries over to another machine far better than its milliseconds: both wait
for the same part.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import apsw
import numpy as np

_RANDOM = np.random.default_rng(0)
_SQUARE = _RANDOM.standard_normal((256, 256)).astype(np.float32)
_BYTES = _RANDOM.integers(-127, 128, (4096, 768), np.int8)
_BLOCK = _BYTES.tobytes()
_SQL = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 20000) SELECT sum(i % 7) FROM n"


def arithmetic() -> None:
    """Multiply two float32 matrices of 256 x 256, four times.

    67 million multiply-adds, all of them in the caches.
    """
    for _ in range(4):
        _SQUARE @ _SQUARE


def memory() -> None:
    """Read 3 MB of int8 and add them up in rows."""
    _BYTES.sum(axis=1, dtype=np.int32)


def database() -> None:
    """Let SQLite count to 20 000 in a virtual machine of its own."""
    connection = apsw.Connection(":memory:")
    list(connection.execute(_SQL))
    connection.close()


def hashing() -> None:
    """Hash 3 MB with SHA-256."""
    hashlib.sha256(_BLOCK).hexdigest()


def text() -> None:
    """Cut and join 2 000 words in Python."""
    for _ in range(20):
        " ".join(word.lower() for word in ("When may an arbiter stop the clocks? " * 14).split())


REFERENCES: dict[str, Callable[[], None]] = {
    work.__name__: work for work in (arithmetic, memory, database, hashing, text)
}
