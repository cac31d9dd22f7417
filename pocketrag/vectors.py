"""The passages' int8 vectors in memory, and the nearest of them: by brute force, and where there are many, in two stages.

Both are exact integers, so every platform ranks alike. Two stages: the passages whose sign bits differ least from the question's
(one bit a dim, Hamming distance), of these the best by the int8 product. The bits are those of the stored vectors, made on opening:
they cost the database nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pocketrag.ranking import LEVELS, Ranked, best, quantize_question

#: Up to so many passages every vector is compared. Beyond, the first stage keeps `CANDIDATES`; what that finds is in docs/index.md.
BRUTE, CANDIDATES = 20_000, 2_000
#: Whole numbers up to here are exact in float32, and a product of two int8 vectors of 768 dims stays below: the fast matrix
#: products of floats then give the exact integer, in any order of summation.
EXACT = 2**24
_WORD = 64


class Vectors:
    """int8 [n, dims] with one scale, by id."""

    def __init__(self, ids: Sequence[str], rows: np.ndarray, scale: float, brute: int = BRUTE) -> None:
        """Prepare the comparison.

        Args:
            ids: rising; ties in score are broken by them.
            rows: int8 [n, dims].
            scale: what one step is worth.
            brute: the most passages of which every vector is compared.

        """
        self.ids, self.rows, self.scale = list(ids), rows, scale
        self._float = np.float32 if LEVELS**2 * rows.shape[1] < EXACT else np.float64
        self._whole = rows.astype(self._float) if len(rows) <= brute else None
        self._bits = None if self._whole is not None else signs(rows)

    def nearest(self, question: np.ndarray, limit: int, allowed: set[str] | None = None) -> Ranked:
        """Return the best passages for a question float [dims] as (id, score), the score an approximate cosine; ties by id.

        Args:
            question: of unit length.
            limit: how many at most.
            allowed: ids to choose among; by default all.

        """
        query, scale = quantize_question(question)
        places = self._places(allowed)
        if self._bits is not None and (places is None or len(places) > CANDIDATES):
            places = self._first(query, places, max(limit, CANDIDATES))
        products = self._products(query, places)
        found = best(products, limit)
        kept = found if places is None else places[found]
        return [(self.ids[i], int(products[j]) * scale * self.scale) for i, j in zip(kept, found, strict=True)]

    def _places(self, allowed: set[str] | None) -> np.ndarray | None:
        return None if allowed is None else np.flatnonzero([id_ in allowed for id_ in self.ids])

    def _products(self, query: np.ndarray, places: np.ndarray | None) -> np.ndarray:
        whole = self._whole if self._whole is not None else self.rows
        chosen = whole if places is None else whole[places]
        return np.asarray(chosen.astype(self._float, copy=False) @ query.astype(self._float)).astype(np.int64)

    def _first(self, query: np.ndarray, places: np.ndarray | None, keep: int) -> np.ndarray:
        bits = self._bits if places is None else self._bits[places]  # type: ignore[index]
        distances = np.bitwise_count(bits ^ signs(query[None])).sum(1, dtype=np.int64)
        if len(distances) > keep:
            # Distance first, then place: no two are equal, so what is kept is no matter of chance.
            keys = distances * len(distances) + np.arange(len(distances))
            chosen = np.sort(np.argpartition(keys, keep - 1)[:keep])
        else:
            chosen = np.arange(len(distances))
        return chosen if places is None else places[chosen]


def signs(rows: np.ndarray) -> np.ndarray:
    """Return the sign bits of int8 [n, dims] as uint64 [n, ⌈dims / 64⌉]: 1 where a number is above 0."""
    packed = np.packbits(rows > 0, axis=1)
    spare = -packed.shape[1] % (_WORD // 8)
    return np.ascontiguousarray(np.pad(packed, ((0, 0), (0, spare)))).view(np.uint64)
