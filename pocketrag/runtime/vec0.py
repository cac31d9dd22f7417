"""sqlite-vec's table beside the BLOBs.

How it is written, and whether it is whole, told without letting sqlite-vec near it.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import zip_longest

import apsw

#: What the table is made of: how it was declared, and its plain tables. `chunk_vec_info` holds only
#: sqlite-vec's version.
CONTENT = (
    "SELECT name, sql FROM sqlite_master WHERE name = 'chunk_vec' OR name GLOB 'chunk_vec_*' ORDER BY name",
    "SELECT * FROM chunk_vec_chunks ORDER BY chunk_id",
    "SELECT * FROM chunk_vec_rowids ORDER BY rowid",
    "SELECT * FROM chunk_vec_vector_chunks00 ORDER BY rowid",
)


def load_sqlite_vec(connection: apsw.Connection) -> None:
    """Load sqlite-vec into a connection, once is enough."""
    import sqlite_vec

    connection.enable_load_extension(True)
    try:
        connection.load_extension(sqlite_vec.loadable_path())
    finally:
        connection.enable_load_extension(False)


def write_vec0(connection: apsw.Connection, vectors: Iterable[tuple[int, bytes]], dims: int) -> None:
    """Create `chunk_vec` and write the vectors: `n`, and `dims` signed bytes each."""
    load_sqlite_vec(connection)
    # Cosine, not L2: sqlite-vec 0.1.9's int8 L2 overflows on ARM NEON.
    connection.execute(
        f"CREATE VIRTUAL TABLE chunk_vec USING vec0(vector int8[{dims}] distance_metric=cosine)"
    )
    connection.executemany("INSERT INTO chunk_vec (rowid, vector) VALUES (?, vec_int8(?))", vectors)


def vec0_is_whole(connection: apsw.Connection, dims: int) -> bool:
    """Say whether `chunk_vec` is what writing the vectors of `chunk_vectors` once more gives.

    A damaged table ends the process inside sqlite-vec 0.1.9, so it is read as the plain tables that it is
    made of.
    """
    again = apsw.Connection(":memory:")
    write_vec0(again, connection.execute("SELECT n, vector FROM chunk_vectors ORDER BY n"), dims)
    # Row by row: the tables are as large as the BLOBs.
    return all(
        left == right
        for query in CONTENT
        for left, right in zip_longest(connection.execute(query), again.execute(query))
    )
