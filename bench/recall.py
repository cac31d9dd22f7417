"""What the search in two stages finds of the true nearest.

`python -m pocketrag.bench.recall PASSAGES.npy QUESTIONS.npy`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pocketrag import console
from pocketrag.reference.metrics import mean_with_interval
from pocketrag.runtime.ranking import DEPTH, Ranked, corpus_scale, quantize
from pocketrag.runtime.vectors import BRUTE, CANDIDATES, Vectors

from .timing.process import spread, timed

#: Numbers of candidates that are tried.
TRIED = (500, 1_000, 2_000, 4_000)


def recall(
    rows: np.ndarray, scale: float, questions: np.ndarray, tried: Sequence[int] = TRIED
) -> dict[str, Any]:
    """Return which share of the true 10 and 100 nearest is found.

    As shipped, and in two stages with other numbers of candidates.

    Args:
        rows: int8 [n, dims].
        scale: what one step of them is worth.
        questions: float32 [m, dims], unit length.
        tried: numbers of candidates; those from `DEPTH`, the fewest that a search asks for, to below n are
            tried.

    """
    ids = [f"{n:09}" for n in range(len(rows))]
    exact = Vectors(ids, rows, scale, brute=len(ids))
    all_compared = [timed(exact.nearest, q, DEPTH) for q in questions]
    truth = [found for found, _ in all_compared]
    shipped = Vectors(ids, rows, scale)
    stages = [(n, Vectors(ids, rows, scale, brute=0, candidates=n)) for n in tried if DEPTH <= n < len(ids)]
    return {
        "shipped": {
            "brute": len(ids) <= BRUTE,
            "candidates": CANDIDATES,
            **_found(shipped, truth, questions),
        },
        "two_stages": [{"candidates": n, **_found(vectors, truth, questions)} for n, vectors in stages],
        "all_ms": spread([ms for _, ms in all_compared]),
    }


def kept(found: Ranked, truth: Ranked, limit: int) -> float:
    """Return the share of the first `limit` of `truth` among the first `limit` of `found`.

    1 where there is nothing to find.
    """
    wanted = {id_ for id_, _ in truth[:limit]}
    return len(wanted & {id_ for id_, _ in found[:limit]}) / len(wanted) if wanted else 1.0


def _found(vectors: Vectors, truth: list[Ranked], questions: np.ndarray) -> dict[str, Any]:
    asked = [timed(vectors.nearest, q, DEPTH) for q in questions]
    shares = {
        f"recall@{k}": mean_with_interval(
            np.array([kept(found, true, k) for (found, _), true in zip(asked, truth, strict=True)])
        ).as_json()
        for k in (10, 100)
    }
    return {**shares, "ms": spread([ms for _, ms in asked])}


def main() -> int:
    """Print the table for vectors of any origin; return the exit code."""
    parser = argparse.ArgumentParser(description="Recall of the search in two stages.")
    parser.add_argument("passages", type=Path, help="float32 [n, dims], unit length")
    parser.add_argument("questions", type=Path, help="float32 [m, dims], unit length")
    parser.add_argument("--candidates", type=int, nargs="+", default=TRIED)
    given = parser.parse_args()
    passages = np.load(given.passages)
    scale = corpus_scale(passages)
    found = recall(quantize(passages, scale), scale, np.load(given.questions), given.candidates)
    keys = ("recall@10", "recall@100")
    rows = [
        [row["candidates"], *(x for k in keys for x in (row[k]["mean"], *row[k]["interval"]))]
        for row in found["two_stages"]
    ]
    columns = ["candidates", *(name for key in keys for name in (key, "low", "high"))]
    console.table(f"{len(passages)} passages", columns, rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
