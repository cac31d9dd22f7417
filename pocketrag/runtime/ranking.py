"""Ranking on arrays: int8 vectors, exact scores, fusion. Pure functions; the phone computes the same."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

import numpy as np

#: How deep each list is looked at before fusing.
DEPTH = 100
LEVELS = 127
#: A scale is so many parts of a power of two, 16 to 32: steps of 3 to 6 %.
PARTS = 32
#: The constant of reciprocal rank fusion.
RRF = 60

#: (passage id, score), best first.
Ranked = list[tuple[str, float]]
#: Question id -> ranked passages.
Run = dict[str, Ranked]


def corpus_scale(vectors: np.ndarray) -> float:
    """Return the one scale with which float [n, dims] fills int8: the largest magnitude becomes 120 to 127.

    One scale for all keeps the order of dot products; a scale a vector would not. It is rounded up to five
    bits, so that a passage more, or one less, seldom moves it: all bytes of all vectors would move with it,
    and an update would carry them.
    """
    fraction, exponent = math.frexp(float(np.abs(vectors).max()) / LEVELS)
    return math.ldexp(math.ceil(fraction * PARTS), exponent) / PARTS


def quantize(vectors: np.ndarray, scale: float) -> np.ndarray:
    """Return round(vectors / scale) as int8, half to even, clipped to ±127."""
    return np.clip(np.rint(vectors.astype(np.float64) / scale), -LEVELS, LEVELS).astype(np.int8)


def quantize_question(vector: np.ndarray) -> tuple[np.ndarray, float]:
    """Quantize a question float [dims] with its own scale (which moves no rank).

    Int8 [dims] and the scale.
    """
    scale = float(np.abs(vector).max()) / LEVELS
    return quantize(vector, scale), scale


def cosine(left: np.ndarray, right: np.ndarray) -> float:
    """Return the cosine of two vectors float [dims]; -1 where it is not a number, which min() would drop."""
    norm = float(np.linalg.norm(left) * np.linalg.norm(right))
    value = float(left @ right) / norm if norm > 0 else -1.0
    return value if np.isfinite(value) else -1.0


def dense_float_all(
    questions: np.ndarray, names: list[str], ids: list[str], vectors: np.ndarray
) -> dict[str, Ranked]:
    """Rank float [n, dims] for every question float [m, dims], by the questions' names, `DEPTH` deep."""
    return {
        name: dense_float(question, ids, vectors, DEPTH)
        for name, question in zip(names, questions, strict=True)
    }


def dense_float(question: np.ndarray, ids: list[str], vectors: np.ndarray, limit: int) -> Ranked:
    """Rank by dot product of float [dims] with float [n, dims]; ties by id."""
    scores = vectors @ question
    by_id = np.argsort(np.array(ids))
    return [(ids[by_id[i]], float(scores[by_id[i]])) for i in best(scores[by_id], limit)]


def fuse_scores(dense: Ranked, lexical: Ranked, dense_weight: float) -> Ranked:
    """Add both lists' min-max normalised scores, weighted; absent from a list counts 0; ties by id."""
    return _sum(
        (id_, weight * score)
        for ranked, weight in ((dense, dense_weight), (lexical, 1.0 - dense_weight))
        for id_, score in _normalized(ranked)
    )


def fuse_ranks(dense: Ranked, lexical: Ranked, dense_weight: float) -> Ranked:
    """Add 1 / (`RRF` + rank) over both lists, weighted; absent from a list counts 0; ties by id.

    Reciprocal rank fusion, Cormack, Clarke & Büttcher 2009 (https://doi.org/10.1145/1571941.1572114); its k
    is 60 there.
    """
    return _sum(
        (id_, weight / (RRF + rank))
        for ranked, weight in ((dense, dense_weight), (lexical, 1.0 - dense_weight))
        for rank, (id_, _) in enumerate(ranked, start=1)
    )


#: How two lists can be joined, by the name that a bundle's manifest says.
FUSIONS: dict[str, Callable[[Ranked, Ranked, float], Ranked]] = {"scores": fuse_scores, "ranks": fuse_ranks}


def best(scores: np.ndarray, limit: int) -> np.ndarray:
    """Return the places of the `limit` highest of scores [n], best first.

    Of equals the first place comes first.
    """
    limit = min(limit, len(scores))
    if limit == 0:
        return np.empty(0, np.int64)
    # All that reach the limit-th score, so that ties at the cut are decided by place and not by chance.
    cut = np.partition(scores, len(scores) - limit)[len(scores) - limit]
    kept = np.flatnonzero(scores >= cut)
    return kept[np.argsort(-scores[kept], kind="stable")][:limit]


def _sum(parts: Iterable[tuple[str, float]]) -> Ranked:
    scores: dict[str, float] = {}
    for id_, score in parts:
        scores[id_] = scores.get(id_, 0.0) + score
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))


def _normalized(ranked: Ranked) -> Ranked:
    if not ranked:
        return []
    low, high = ranked[-1][1], ranked[0][1]
    return [(id_, (score - low) / (high - low) if high > low else 1.0) for id_, score in ranked]
