"""Our database: int8 BLOBs, candidates by sign bits beyond 20 000 passages, FTS5, fusion of scores."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np

from pocketrag.errors import InputError
from pocketrag.runtime import ranking
from pocketrag.runtime.database import Database
from pocketrag.runtime.vectors import Vectors

from ..timing.synthetic import Files
from .peer import DEPTH, FOUND

FILE = "corpus.db"
#: As the bundles that were built have it.
DENSE_WEIGHT = 0.8


def build(folder: Path, files: Files) -> None:
    """Write `corpus.db`, in the process that people write it with."""
    module = "pocketrag.export.database.write"
    command = [sys.executable, "-m", module, *map(str, (files.corpus, files.passages, folder / FILE))]
    done = subprocess.run([*command, "--language", "fr"], capture_output=True, text=True)  # noqa: S603 - our own module
    if done.returncode:
        raise InputError(f"python -m {module} failed:\n{done.stderr.strip()}")


class Ours:
    """What `Rag.search` does once a question is embedded, passages left out."""

    def __init__(self, folder: Path) -> None:
        """Open as the runtime does; digests are its caller's."""
        self.database = Database(folder / FILE)
        self.vectors = Vectors(self.database.ids, self.database.vectors, self.database.scale)

    def close(self) -> None:
        """Close the database."""
        self.database.close()

    def dense(self, vector: np.ndarray) -> list[str]:
        """Return the nearest."""
        return [id_ for id_, _ in self.vectors.nearest(vector, FOUND)]

    def hybrid(self, text: str, vector: np.ndarray) -> list[str]:
        """Return the best of both lists."""
        near = self.vectors.nearest(vector, DEPTH)
        lexical = self.database.bm25(text, DEPTH)
        return [id_ for id_, _ in ranking.fuse_scores(near, lexical, DENSE_WEIGHT)[:FOUND]]
