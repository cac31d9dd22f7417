"""Qdrant Edge: a shard with a graph (HNSW) over int8 vectors, and its own BM25 as sparse vectors."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from pocketrag.formats.data.beir import Passage, read_corpus

from ..timing.synthetic import Files
from .peer import DEPTH, FOUND

#: Of a graph's node, and of its making: Qdrant's own defaults (qdrant 1.16, config.yaml).
EDGES, CONSTRUCTION, FULL_SCAN_KB = 16, 100, 10_000
BATCH = 500


def build(folder: Path, files: Files) -> None:
    """Write texts, vectors and words, and let it make its graph."""
    from qdrant_edge import EdgeShard, UpdateOperation

    passages, vectors = read_corpus(files.corpus), np.load(files.passages)
    shard = EdgeShard.create(str(folder), _config(vectors.shape[1]))
    for points in _points(passages, vectors):
        shard.update(UpdateOperation.upsert_points(points))
    shard.optimize()
    shard.flush()
    shard.close()


def _config(dims: int) -> Any:  # noqa: ANN401 - of a package that may not be there
    import qdrant_edge as q

    graph = q.HnswIndexConfig(m=EDGES, ef_construct=CONSTRUCTION, full_scan_threshold=FULL_SCAN_KB)
    int8 = q.ScalarQuantizationConfig(type=q.ScalarType.Int8, memory=q.Memory.Cached)
    dense = q.EdgeVectorParams(size=dims, distance=q.Distance.Cosine, memory=q.Memory.Cold)
    words = q.EdgeSparseVectorParams(modifier=q.Modifier.Idf)
    return q.EdgeConfig(
        vectors={"dense": dense},
        sparse_vectors={"words": words},
        hnsw_config=graph,
        quantization_config=int8,
        wal_enabled=False,
    )


def _points(passages: list[Passage], vectors: np.ndarray) -> Iterator[list[Any]]:
    from qdrant_edge import Point

    bm25 = _bm25()
    for first in range(0, len(passages), BATCH):
        yield [
            Point(
                n,
                {"dense": vectors[n].tolist(), "words": bm25.embed_document(f"{p.title} {p.text}")},
                {"id": p.id, "title": p.title, "text": p.text},
            )
            for n, p in enumerate(passages[first : first + BATCH], start=first)
        ]


def _bm25() -> Any:  # noqa: ANN401 - of a package that may not be there
    from qdrant_edge import Bm25, Bm25Config

    return Bm25(Bm25Config(language="french"))


class Shard:
    """A shard that is loaded."""

    def __init__(self, folder: Path, **params: Any) -> None:  # noqa: ANN401 - what SearchParams takes
        """Load; `params` are those of each dense search."""
        from qdrant_edge import EdgeShard, SearchParams

        self.shard, self.params, self.bm25 = EdgeShard.load(str(folder)), SearchParams(**params), _bm25()

    def close(self) -> None:
        """Let go of its lock."""
        self.shard.close()

    def dense(self, vector: np.ndarray) -> list[str]:
        """Return the nearest that the graph leads to."""
        from qdrant_edge import Query, QueryRequest

        near = Query.Nearest(vector.tolist(), using="dense")
        return self._ids(QueryRequest(FOUND, query=near, params=self.params, with_payload=["id"]))

    def hybrid(self, text: str, vector: np.ndarray) -> list[str]:
        """Return the best of both lists by reciprocal ranks."""
        from qdrant_edge import Fusion, Prefetch, Query, QueryRequest

        near = Prefetch(DEPTH, query=Query.Nearest(vector.tolist(), using="dense"), params=self.params)
        words = Prefetch(DEPTH, query=Query.Nearest(self.bm25.embed_query(text), using="words"))
        fused = QueryRequest(FOUND, query=Fusion.Rrf(k=60), prefetches=[near, words], with_payload=["id"])
        return self._ids(fused)

    def _ids(self, request: Any) -> list[str]:  # noqa: ANN401 - of a package that may not be there
        return [str(point.payload["id"]) for point in self.shard.query(request)]
