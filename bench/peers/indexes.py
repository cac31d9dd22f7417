"""The indexes that are compared."""

from __future__ import annotations

from . import lance, ours, qdrant_edge_shard, sqlite_vec0, usearch_hnsw
from .peer import Peer

#: Name on the command line -> the index.
PEERS = {
    "pocketrag": Peer("pocketrag", ours.build, ours.Ours),
    "sqlite-vec": Peer("sqlite-vec, vec0 of int8", sqlite_vec0.build, sqlite_vec0.Vec0, "sqlite-vec"),
    "qdrant-edge": Peer(
        "Qdrant Edge, int8", qdrant_edge_shard.build, qdrant_edge_shard.Shard, "qdrant-edge-py",
        {"": {}, "ef 256": {"hnsw_ef": 256}, "ef 1024": {"hnsw_ef": 1024}, "exact": {"exact": True}},
    ),
    "lancedb": Peer(
        "LanceDB, IVF_HNSW_SQ", lance.build, lance.Lance, "lancedb",
        {"": {}, "ef 256": {"ef": 256, "nprobes": 20}, "ef 1024": {"ef": 1024, "nprobes": 20}},
    ),
    "usearch": Peer(
        "USearch, int8", usearch_hnsw.build, usearch_hnsw.Usearch, "usearch",
        {"ef 64": {"expansion": 64}, "ef 256": {"expansion": 256}, "ef 1024": {"expansion": 1024}},
        hybrid=False,
    ),
}  # fmt: skip
