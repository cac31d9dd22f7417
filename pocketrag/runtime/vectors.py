"""The passages' int8 vectors in memory, and the nearest of them.

By brute force, and where there are many, in two stages.

Both are exact integers, so every platform ranks alike. Two stages: the passages whose sign bits differ least
from the question's (one bit a dim, Hamming distance), of these the best by the int8 product. The bits are
those of the stored vectors, made on opening: they cost the database nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .ranking import LEVELS, Ranked, best, quantize_question

#: Up to so many passages every vector is compared (2.7 ms for 10 000). Beyond, the first stage keeps
#: `CANDIDATES`: of 100 000 it finds 1.000 of the 10 nearest and .990 of the 100 nearest, in 4.4 ms instead of
#: 22.7 (docs/index.md, "How it grows").
BRUTE, CANDIDATES = 20_000, 4_000
#: Whole numbers up to here are exact in float32, and a product of two int8 vectors of 768 dims stays below:
#: the fast matrix products of floats then give the exact integer, in any order of summation.
EXACT = 2**24
_WORD = 64


class Vectors:
    """int8 [n, dims] with one scale, by id."""

    def __init__(
        self,
        ids: Sequence[str],
        rows: np.ndarray,
        scale: float,
        brute: int = BRUTE,
        candidates: int = CANDIDATES,
    ) -> None:
        """Prepare the comparison.

        Args:
            ids: rising; ties in score are broken by them.
            rows: int8 [n, dims].
            scale: what one step is worth.
            brute: the most passages of which every vector is compared.
            candidates: what the first stage keeps where there are more.

        """
        self.ids, self.rows, self.scale, self.candidates = list(ids), rows, scale, candidates
        self._float = np.float32 if LEVELS**2 * rows.shape[1] < EXACT else np.float64
        self._whole = rows.astype(self._float) if len(rows) <= brute else None
        self._bits = None if self._whole is not None else np.ascontiguousarray(signs(rows).T)

    def nearest(self, question: np.ndarray, limit: int, allowed: set[str] | None = None) -> Ranked:
        """Return the best passages for a question float [dims] as (id, approximate cosine); ties by id.

        Args:
            question: of unit length.
            limit: how many at most.
            allowed: ids to choose among; by default all.

        """
        query, scale = quantize_question(question)
        places = self._places(allowed)
        if self._bits is not None and (places is None or len(places) > self.candidates):
            places = self._first(self._bits, query, places, max(limit, self.candidates))
        products = self._products(query, places)
        found = best(products, limit)
        kept = found if places is None else places[found]
        return [
            (self.ids[i], int(products[j]) * scale * self.scale) for i, j in zip(kept, found, strict=True)
        ]

    def _places(self, allowed: set[str] | None) -> np.ndarray | None:
        return None if allowed is None else np.flatnonzero([id_ in allowed for id_ in self.ids])

    def _products(self, query: np.ndarray, places: np.ndarray | None) -> np.ndarray:
        whole = self._whole if self._whole is not None else self.rows
        chosen = whole if places is None else whole[places]
        return np.asarray(chosen.astype(self._float, copy=False) @ query.astype(self._float)).astype(np.int64)

    def _first(self, bits: np.ndarray, query: np.ndarray, places: np.ndarray | None, keep: int) -> np.ndarray:
        chosen = nearest_bits(bits if places is None else bits[:, places], signs(query[None])[0], keep)
        return chosen if places is None else places[chosen]


def nearest_bits(bits: np.ndarray, query: np.ndarray, keep: int) -> np.ndarray:
    """Return the places of the `keep` columns of uint64 [words, n] that differ least from uint64 [words].

    Of equals the first.

    Word by word, and by counting instead of sorting: 1.0 ms for 100 000 x 768 bits, where rows and a
    partition took 4.9.
    """
    distances = np.zeros(bits.shape[1], np.uint16)
    for row, word in zip(bits, query, strict=True):
        distances += np.bitwise_count(row ^ word)
    cut = int(np.searchsorted(np.cumsum(np.bincount(distances)), keep))
    below = np.flatnonzero(distances < cut)
    return np.sort(np.concatenate([below, np.flatnonzero(distances == cut)[: keep - len(below)]]))


def signs(rows: np.ndarray) -> np.ndarray:
    """Return the sign bits of int8 [n, dims] as uint64 [n, ⌈dims / 64⌉]: 1 where a number is above 0."""
    packed = np.packbits(rows > 0, axis=1)
    spare = -packed.shape[1] % (_WORD // 8)
    return np.ascontiguousarray(np.pad(packed, ((0, 0), (0, spare)))).view(np.uint64)
