"""One digest of what a database says: every passage, its source and page, with its own vector."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

#: The columns of a row, in the order that is digested.
QUERY = (
    "SELECT c.id, c.title, c.text, c.source, c.page, c.parent, c.metadata, v.vector "
    "FROM chunks c JOIN chunk_vectors v USING (n) ORDER BY c.id"
)


def content_digest(rows: Iterable[tuple[object, ...]]) -> str:
    """Return the SHA-256 over rows in id order.

    Every part stands behind its kind and length, so that no two lists collide.
    """
    digest = hashlib.sha256()
    for row in rows:
        for part in row:
            data = part if isinstance(part, bytes) else str(part).encode()
            digest.update(f"{type(part).__name__} {len(data)} ".encode())
            digest.update(data)
    return digest.hexdigest()
