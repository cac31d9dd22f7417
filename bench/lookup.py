"""What one database costs to open and to search.

`python -m pocketrag.bench.lookup CORPUS.db QUESTIONS.jsonl VECTORS.npy`.

A process of its own, on one core, so that its memory is the database's. A search is what `Rag.search` does
once a question is embedded: the nearest vectors, full text, fusion, ten passages. Beside every search one
NumPy product of the same vectors in float32 is timed: milliseconds are this machine's, the ratio to that
product carries over.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from pocketrag.formats.data import beir
from pocketrag.formats.data.beir import Question
from pocketrag.reference.metrics import mean_with_interval
from pocketrag.runtime import ranking
from pocketrag.runtime.database import Database
from pocketrag.runtime.queries import ENTRIES, FullText
from pocketrag.runtime.ranking import DEPTH, Ranked
from pocketrag.runtime.vectors import Vectors

from .recall import kept, recall
from .timing.process import pin, resident, spread, timed

#: Passages that are shown; questions that only warm up.
SHOWN, WARM = 10, 5
#: Of the fusion of scores, as the bundles that were built have it.
DENSE_WEIGHT = 0.8
#: Limits that are tried beside `ENTRIES`, and none.
TRIED = (5_000, 10_000, 20_000, 40_000, 80_000)
UNLIMITED = 2**31


class Opened:
    """A database and its vectors, with what opening them took."""

    def __init__(self, file: Path) -> None:
        """Open."""
        before, start = resident(), time.perf_counter()
        self.database = Database(file)
        self.vectors = Vectors(self.database.ids, self.database.vectors, self.database.scale)
        self.facts = {
            "open_s": round(time.perf_counter() - start, 3),
            "resident_mb": {"before": before, "open": resident()},
        }

    def search(self, text: str, vector: np.ndarray) -> dict[str, float]:
        """Search as `Rag` does and return the milliseconds of all and of each part."""
        near, dense = timed(self.vectors.nearest, vector, DEPTH)
        lexical, full_text = timed(self.database.bm25, text, DEPTH)
        ranked, fusion = timed(ranking.fuse_scores, near, lexical, DENSE_WEIGHT)
        _, shown = timed(lambda: [self.database.passage(id_) for id_, _ in ranked[:SHOWN]])
        parts = {"dense": dense, "full_text": full_text, "fusion": fusion, "passages": shown}
        return {"hybrid": sum(parts.values()), **parts}


def lookup(file: Path, asked: list[Question], questions: np.ndarray) -> dict[str, Any]:
    """Measure one database.

    Args:
        file: it.
        asked: the questions; `passage` of their metadata is the passage that each was asked of.
        questions: their vectors, float32 [m, dims], unit length.

    """
    opened = Opened(file)
    return {
        **opened.facts,
        "bytes": sizes(opened.database),
        "latency_ms": latency(opened, asked, questions),
        "recall": recall(opened.database.vectors, opened.database.scale, questions),
        "entries": entries(opened, asked, questions),
    }


def sizes(database: Database) -> dict[str, int]:
    """Return the bytes of the pages of each kind of table.

    `beyond` is all but the passages and their full text.
    """
    kinds = {"text": 0, "full_text": 0, "vectors": 0, "sqlite-vec": 0, "rest": 0}
    for name, size in database.rows("SELECT name, sum(pgsize) FROM dbstat GROUP BY name"):
        kinds[_kind(name)] += size
    return {
        "total": sum(kinds.values()),
        **kinds,
        "beyond": kinds["vectors"] + kinds["sqlite-vec"] + kinds["rest"],
    }


def _kind(table: str) -> str:
    if table == "chunks":
        return "text"
    if table.startswith("chunks_fts") or table in ("words", "stems"):
        return "full_text"
    if table == "chunk_vectors":
        return "vectors"
    return "sqlite-vec" if table.startswith("chunk_vec") else "rest"


def latency(opened: Opened, asked: list[Question], questions: np.ndarray) -> dict[str, Any]:
    """Return the times of a search and its parts, and their ratio to one product in float32."""
    whole = opened.database.vectors.astype(np.float32)
    full_text, rows = FullText(opened.database.connection), []
    pairs = list(zip(asked, questions, strict=True))
    for question, vector in (*pairs[:WARM], *pairs):
        parts = opened.search(question.text, vector)
        # A part of `full_text`, timed once more by itself.
        match = timed(full_text.match, question.text)[1]
        rows.append({**parts, "match": match, "product": timed(whole.__matmul__, vector)[1]})
    del rows[:WARM]
    found = {key: spread([row[key] for row in rows]) for key in rows[0]}
    return {"n": len(rows), **found, "ratio": spread([row["hybrid"] / row["product"] for row in rows])}


def entries(opened: Opened, asked: list[Question], questions: np.ndarray) -> list[dict[str, Any]]:
    """Return what full text finds where a question reads so many entries, against no limit.

    And how long it takes.

    `kept@10` is of its own 10 best, `fused@10` of the 10 best of both lists; `own@10` says how often the
    question's passage is among full text's 10 best.
    """
    full_text = FullText(opened.database.connection)
    dense = [opened.vectors.nearest(q, DEPTH) for q in questions]
    truth = [full_text.bm25(q.text, DEPTH, entries=UNLIMITED) for q in asked]
    rows = []
    for n in sorted({*TRIED, ENTRIES, UNLIMITED}):
        found = [timed(full_text.bm25, q.text, DEPTH, None, n) for q in asked]
        shares = _shares(asked, [ranked for ranked, _ in found], truth, dense)
        rows.append({"entries": n, **shares, "ms": spread([ms for _, ms in found])})
    return rows


def _shares(
    asked: list[Question], found: list[Ranked], truth: list[Ranked], dense: list[Ranked]
) -> dict[str, Any]:
    fused = [
        [ranking.fuse_scores(d, one, DENSE_WEIGHT) for d, one in zip(dense, lists, strict=True)]
        for lists in (found, truth)
    ]
    shares = {
        "kept@10": [kept(a, b, SHOWN) for a, b in zip(found, truth, strict=True)],
        "fused@10": [kept(a, b, SHOWN) for a, b in zip(*fused, strict=True)],
        "own@10": [
            kept(one, [(q.metadata.get("passage", ""), 1.0)], SHOWN)
            for q, one in zip(asked, found, strict=True)
        ],
    }
    return {key: mean_with_interval(np.array(values)).as_json() for key, values in shares.items()}


def main() -> int:
    """Print the facts of `lookup` as JSON; return the exit code."""
    parser = argparse.ArgumentParser(description="Measure one database.")
    for name in ("database", "questions", "vectors"):
        parser.add_argument(name, type=Path)
    given = parser.parse_args()
    pin()
    print(json.dumps(lookup(given.database, beir.read_questions(given.questions), np.load(given.vectors))))  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
