"""Does the embedder tell passages apart at all? Limits that stand on no other model, however bad that is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from pocketrag.formats.data.no_questions import MISSING
from pocketrag.formats.facts.outcome import Outcome
from pocketrag.formats.gate import at_most, failed, passed, skipped, unchecked
from pocketrag.formats.manifest import Manifest

from .opened import Opened

#: Fewer questions can't show that a model is no better than chance; more than it they still can.
LEAST_QUESTIONS = 10
#: Mean cosine of two passages. Embedders that crowd their vectors most come to about .85; all alike are 1.
MOST_ALIKE = 0.99
#: Share of the passages whose vector is another's too: those that differ by case alone, or behind the
#: longest length.
MOST_SHARED = 0.5
#: Only a recipe says so, `index` never chooses it.
FULL_TEXT = "the search is by full text alone, as asked, so nobody asks what the vectors find"


def chance(_: Path, manifest: Manifest) -> Outcome:
    """Check that what ships finds more by vectors alone than a random order would, beyond the interval.

    Either among the first or among the first ten: many passages alike leave the first place to luck.
    """
    rows: Mapping[str, Any] = (manifest.verdict.shipped or {}).get("against_chance") or {}
    if not manifest.has_questions:
        return unchecked(MISSING)
    if manifest.fusion.mode == "bm25":
        return skipped(FULL_TEXT)
    if not rows:
        return unchecked("the manifest holds no comparison of what ships with chance")
    possible = {name: row for name, row in rows.items() if row["chance"] < 1}
    if not possible:
        return skipped("so few passages that every order finds them")
    said = "; ".join(
        f"{name} {row['mean']:.3f}, 95 % interval {row['interval'][0]:.3f} to {row['interval'][1]:.3f}, "
        f"by chance {row['chance']:.3f}"
        for name, row in possible.items()
    )
    n = next(iter(possible.values()))["n"]
    if any(row["interval"][0] > row["chance"] for row in possible.values()):
        return passed(f"{said}, n = {n}")
    if n < LEAST_QUESTIONS:
        return unchecked(f"{said}, n = {n}: {LEAST_QUESTIONS} questions or more can tell")
    return failed(f"no better than chance: {said}, n = {n}; take a base that reads these texts")


def spread(opened: Opened) -> Outcome:
    """Check that the passages' vectors are not all alike."""
    if opened.manifest.fusion.mode == "bm25":
        return skipped(FULL_TEXT)
    rows = opened.rag.database.vectors
    if len(rows) < 2:
        return skipped("one passage")
    shared = 1 - len(np.unique(rows, axis=0)) / len(rows)
    if shared > MOST_SHARED:
        return at_most(shared, MOST_SHARED, "share of the passages whose vector is another's too")
    return at_most(mean_cosine(rows), MOST_ALIKE, f"mean cosine of two of {len(rows)} passages")


def mean_cosine(rows: np.ndarray) -> float:
    """Return the mean cosine of two different rows of int8 [n, dims], n of at least 2."""
    total, n, step = np.zeros(rows.shape[1]), len(rows), 10_000
    for at in range(0, n, step):
        block = rows[at : at + step].astype(np.float64)
        total += (block / np.maximum(np.linalg.norm(block, axis=1, keepdims=True), 1e-12)).sum(axis=0)
    return float((total @ total - n) / (n * (n - 1)))
