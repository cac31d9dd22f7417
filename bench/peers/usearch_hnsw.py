"""USearch: a graph (HNSW) of int8 vectors, nothing of words or texts."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from pocketrag.formats.data.beir import read_corpus

from ..timing.synthetic import Files
from .peer import FOUND

FILE, IDS = "vectors.usearch", "ids.json"


def build(folder: Path, files: Files) -> None:
    """Add all vectors with the library's own settings, and keep the ids beside."""
    from usearch.index import Index

    vectors = np.load(files.passages)
    index = Index(ndim=vectors.shape[1], metric="cos", dtype="i8")
    index.add(np.arange(len(vectors)), vectors, threads=1)
    index.save(str(folder / FILE))
    (folder / IDS).write_text(json.dumps([p.id for p in read_corpus(files.corpus)]), "utf-8")


class Usearch:
    """An index that is mapped into memory."""

    def __init__(self, folder: Path, expansion: int) -> None:
        """Open; `expansion` is how many candidates the graph's search keeps (ef)."""
        from usearch.index import Index

        self.index = Index.restore(str(folder / FILE), view=True)
        self.index.expansion_search = expansion
        self.ids = json.loads((folder / IDS).read_text("utf-8"))

    def close(self) -> None:
        """Let go of the mapped file."""
        self.index.reset()

    def dense(self, vector: np.ndarray) -> list[str]:
        """Return the nearest that the graph leads to."""
        return [self.ids[int(n)] for n in self.index.search(vector, FOUND, threads=1).keys]

    def hybrid(self, text: str, vector: np.ndarray) -> list[str]:
        """Refuse: there are no words."""
        raise NotImplementedError
