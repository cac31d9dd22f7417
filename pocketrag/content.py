"""One digest of what a database says: every passage with its own vector."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable


def content_digest(rows: Iterable[tuple[str, str, str, bytes]]) -> str:
    """Return the SHA-256 over (id, title, text, vector) in id order, each part behind its length, so that no two lists collide."""
    digest = hashlib.sha256()
    for row in rows:
        for part in row:
            data = part if isinstance(part, bytes) else part.encode()
            digest.update(len(data).to_bytes(8, "little"))
            digest.update(data)
    return digest.hexdigest()
