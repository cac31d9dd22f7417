"""A trait by rank: is the positive nearer to its anchor than every hard negative?

The usual score, the mean cosine of positive pairs, gives a model that turns every text into one vector the
best mark of all. By rank it finds nothing, since a tie counts as not found.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from pocketrag.errors import GateError
from pocketrag.formats.facts.measures import MeanWithInterval
from pocketrag.formats.facts.traits import ControlFacts, TraitFacts
from pocketrag.reference import metrics

from .trait_rows import TRAITS, Row

#: Cosines closer than this are equal: float32 rounds equal vectors apart.
TIE = 1e-6
#: Draws of random vectors, and how far from chance their mean may lie (five standard errors of 50 rows).
DRAWS, NEAR = 100, 0.03
WIDTH = 64

#: Anchors, and all positives and negatives in a row -> unit vectors [n, dims] of both.
Embed = Callable[[Sequence[str], Sequence[str]], tuple[np.ndarray, np.ndarray]]


def ranks(rows: Sequence[Row], embed: Embed) -> np.ndarray:
    """Return the rank of every row's positive among its own candidates, int [n], 1 the best.

    A negative that is as near comes first, and so does one whose cosine is not a number.
    """
    anchors, candidates = embed(
        [row.anchor for row in rows], [text for row in rows for text in (row.positive, *row.negatives)]
    )
    found, at = [], 0
    for anchor, row in zip(anchors, rows, strict=True):
        cosines = candidates[at : at + 1 + len(row.negatives)].astype(np.float64) @ anchor.astype(np.float64)
        found.append(1 + int((~(cosines[0] > cosines[1:] + TIE)).sum()))
        at += len(cosines)
    return np.array(found)


def trait_facts(rows: Sequence[Row], found: np.ndarray) -> TraitFacts:
    """Return share of first ranks with its interval, mean reciprocal rank, and what chance would give."""
    hit, reciprocal = chance(rows)
    mean = metrics.mean_with_interval((found == 1).astype(float))
    return mean.into(
        TraitFacts,
        mrr=round(float((1 / found).mean()), 6),
        chance=round(hit, 6),
        chance_mrr=round(reciprocal, 6),
    )


def chance(rows: Sequence[Row]) -> tuple[float, float]:
    """Return the share of first ranks and the mean reciprocal rank of a random order."""
    counts = [1 + len(row.negatives) for row in rows]
    return (
        float(np.mean([1 / count for count in counts])),
        float(np.mean([np.mean(1 / np.arange(1, count + 1)) for count in counts])),
    )


def overall(found: dict[str, np.ndarray]) -> MeanWithInterval:
    """Return the weighted mean of the traits' shares, its 95 % bootstrap interval, and all rows' count.

    Every trait is drawn anew from its own rows.
    """
    rng = np.random.default_rng(metrics.SEED)
    value, drawn, n = 0.0, np.zeros(metrics.RESAMPLES), 0
    for trait, (_, share) in TRAITS.items():
        hits = (found[trait] == 1).astype(float)
        value += share * hits.mean()
        drawn += share * rng.choice(hits, (metrics.RESAMPLES, len(hits))).mean(1)
        n += len(hits)
    tail = (1 - metrics.CONFIDENCE) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail])
    return MeanWithInterval(mean=round(value, 6), interval=(round(float(low), 6), round(float(high), 6)), n=n)


def controls(rows: dict[str, list[Row]]) -> dict[str, ControlFacts]:
    """Return what models that know nothing come to, by trait.

    Raises:
        GateError: one of them does better than chance, so the scores would mean nothing.

    """
    found = {}
    for trait, its in rows.items():
        drawn = [ranks(its, _random(np.random.default_rng(seed))) for seed in range(DRAWS)]
        one = ControlFacts(
            constant=round(float((ranks(its, _constant) == 1).mean()), 6),
            random=round(float(np.mean([(draw == 1).mean() for draw in drawn])), 6),
            chance=round(chance(its)[0], 6),
        )
        if one.constant > one.chance or abs(one.random - one.chance) > NEAR:
            raise GateError(
                f"{trait}: a constant vector finds {one.constant:.3f} and a random one {one.random:.3f}, "
                f"chance is {one.chance:.3f}. The pairs or their scoring are broken."
            )
        found[trait] = one
    return found


def _constant(anchors: Sequence[str], candidates: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    same = np.full(WIDTH, WIDTH**-0.5)
    return np.tile(same, (len(anchors), 1)), np.tile(same, (len(candidates), 1))


def _random(rng: np.random.Generator) -> Embed:
    def embed(anchors: Sequence[str], candidates: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        drawn = rng.normal(size=(len(anchors) + len(candidates), WIDTH))
        return drawn[: len(anchors)], drawn[len(anchors) :]

    return embed
