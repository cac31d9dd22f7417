"""Is a model better than chance? Hits, and those that a random order of the passages would have."""

from __future__ import annotations

from math import comb

import numpy as np

from pocketrag.formats.data.beir import Qrels
from pocketrag.formats.facts.measures import AgainstChance
from pocketrag.reference.metrics import Scores

from .proportions import wilson

#: Measures of hits among the first so many.
HITS = {"hit@1": 1, "hit@10": 10}


def against_chance(scores: Scores, judged: Qrels, passages: int) -> dict[str, AgainstChance]:
    """Return by measure the share of questions with a hit, its interval, and that of a random order.

    Of `passages` with r relevant ones a random order has a hit among the first k with a chance of
    1 - C(passages - r, k) / C(passages, k).
    """
    relevant = [sum(value > 0 for value in row.values()) for row in judged.values()]
    found = {}
    for measure, first in HITS.items():
        hits, n, k = int(sum(scores[measure].values())), len(relevant), min(first, passages)
        low, high = wilson(hits, n)
        chance = np.mean([1 - comb(passages - r, k) / comb(passages, k) for r in relevant])
        found[measure] = AgainstChance(
            mean=round(hits / n, 6),
            interval=(round(low, 6), round(high, 6)),
            n=n,
            chance=round(float(chance), 6),
        )
    return found
