"""LanceDB: a graph over int8 vectors (IVF_HNSW_SQ), its own full text, fused by reciprocal ranks."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from pocketrag.formats.data.beir import read_corpus

from ..timing.synthetic import Files
from .peer import FOUND

TABLE = "passages"
#: The fewest rows that it makes an index of vectors for.
FEWEST = 256


def build(folder: Path, files: Files) -> None:
    """Write texts and vectors in one table, and index both."""
    import lancedb
    import pyarrow as pa

    passages, vectors = read_corpus(files.corpus), np.load(files.passages)
    flat = pa.array(vectors.astype(np.float32).ravel())
    rows = pa.table(
        {
            "id": [p.id for p in passages],
            "text": [f"{p.title} {p.text}" for p in passages],
            "vector": pa.FixedSizeListArray.from_arrays(flat, vectors.shape[1]),
        }
    )
    table = lancedb.connect(str(folder)).create_table(TABLE, rows)
    if len(passages) >= FEWEST:
        table.create_index(metric="cosine", vector_column_name="vector", index_type="IVF_HNSW_SQ")
    table.create_fts_index("text", language="French", stem=True, remove_stop_words=False, ascii_folding=True)
    table.optimize()


class Lance:
    """An open table."""

    def __init__(self, folder: Path, ef: int = 0, nprobes: int = 0) -> None:
        """Open; `ef`: candidates that the graph keeps, `nprobes`: parts that are read; 0: its own."""
        import lancedb
        from lancedb.rerankers import RRFReranker

        self.table, self.rrf = lancedb.connect(str(folder)).open_table(TABLE), RRFReranker()
        self.ef, self.nprobes = ef, nprobes

    def close(self) -> None:
        """Do nothing: a table is read file by file."""

    def dense(self, vector: np.ndarray) -> list[str]:
        """Return the nearest that the graph leads to."""
        query = self.table.search(vector, vector_column_name="vector").metric("cosine")
        if self.ef:
            query = query.ef(self.ef).nprobes(self.nprobes)
        return [str(row["id"]) for row in query.select(["id"]).limit(FOUND).to_list()]

    def hybrid(self, text: str, vector: np.ndarray) -> list[str]:
        """Return the best of both lists by reciprocal ranks."""
        query = self.table.search(query_type="hybrid", vector_column_name="vector").vector(vector).text(text)
        return [str(row["id"]) for row in query.rerank(self.rrf).limit(FOUND).to_list()]
