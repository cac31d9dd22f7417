"""SHA-256 of files, each computed once.

A file whose size, times and inode are unchanged is taken to be unchanged, as git does.
"""

from __future__ import annotations

import json
import time
from pathlib import Path

from pocketrag.errors import InputError
from pocketrag.formats import files

#: Seconds. A file written a moment ago could change again within the clock's tick, so it is not remembered
#: (git's "racy" entries).
SETTLED = 2.0
#: Size in bytes, modification and change time in ns, inode.
Stamp = tuple[int, int, int, int]


class Digests:
    """The digests of one command, and of those before it where a file to remember them in is given."""

    def __init__(self, store: Path | None = None) -> None:
        """Read what earlier commands remembered; a store that can't be read is empty."""
        self._store = store
        self._known: dict[str, tuple[Stamp, str]] = _read(store) if store else {}
        self._settled = dict(self._known)

    def sha256(self, file: Path) -> str:
        """Return the SHA-256 of a file as 64 hex digits.

        Raises:
            OSError: it can't be read.

        """
        path, stamp = str(file.resolve()), _stamp(file)
        if (known := self._known.get(path)) and known[0] == stamp:
            return known[1]
        digest = files.sha256(file)
        self._known[path] = stamp, digest
        if time.time_ns() - max(stamp[1:3]) > SETTLED * 1e9:
            self._settled[path] = stamp, digest
        return digest

    def folder(self, folder: Path) -> dict[str, str]:
        """Return the SHA-256 of every file below a folder, keyed by its posix path in it, sorted."""
        found = sorted(path for path in folder.rglob("*") if path.is_file())
        return {path.relative_to(folder).as_posix(): self.sha256(path) for path in found}

    def save(self) -> None:
        """Remember the digests for the next command; where that is not possible it computes them again."""
        if self._store is None or not self._store.parent.is_dir():
            return
        kept = {
            path: [list(stamp), digest]
            for path, (stamp, digest) in sorted(self._settled.items())
            if Path(path).exists()
        }
        try:
            files.write_atomic(self._store, json.dumps(kept, indent=0) + "\n")
        except OSError:
            return


def _stamp(file: Path) -> Stamp:
    found = file.stat()
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino


def _read(store: Path) -> dict[str, tuple[Stamp, str]]:
    try:
        rows = files.read_json(store)
        return {
            str(path): ((int(a), int(b), int(c), int(d)), str(digest))
            for path, ((a, b, c, d), digest) in rows.items()
        }
    except (InputError, AttributeError, TypeError, ValueError):
        return {}
