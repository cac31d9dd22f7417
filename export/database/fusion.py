"""How vectors and full text are joined.

Chosen on judged questions, reported on those that had no part in the choice.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from pocketrag.formats.data.beir import Qrels
from pocketrag.formats.facts.index import NO_QUESTIONS, FusionChoice
from pocketrag.formats.facts.measures import Comparison
from pocketrag.reference import metrics
from pocketrag.reference.metrics import MAIN, Scores
from pocketrag.runtime import ranking
from pocketrag.runtime.ranking import Run

#: Outer folds of the nested cross-validation; the inner choice has nothing to fit, so it is the best mean of
#: the other folds.
FOLDS = 5
#: Weights of the dense list that are tried; 1 is dense alone, and 0 would need no model.
WEIGHTS = tuple(round(0.05 * n, 2) for n in range(1, 20))
#: Of reciprocal ranks: equal, and full text at half.
RANK_WEIGHTS = (0.5, 0.667)
#: With fewer questions the choice is a guess: dense alone stays.
FEWEST = 40
#: What is chosen where neither is shown to be better.
Usual = Literal["dense", "hybrid"]
#: Weight of the dense list where no question chooses (docs/index.md).
DEFAULT_WEIGHT = 0.5
#: Which questions choose.
Chosen = Literal["development", "judged"]


@dataclass(frozen=True)
class Candidate:
    """One way to search."""

    name: str
    """dense, scores or ranks."""
    weight: float
    """Of the dense list."""
    stems: bool
    """Whether full text knows stems."""


def candidates(stems: Collection[bool]) -> list[Candidate]:
    """Return all that is tried, the plainest first: of equals the first is chosen.

    `stems`: whether full text knows them; both where both are tried.
    """
    rows = [("ranks", weight) for weight in RANK_WEIGHTS] + [
        ("scores", weight) for weight in reversed(WEIGHTS)
    ]
    return [Candidate("dense", 1.0, False)] + [
        Candidate(name, weight, s) for s in sorted(stems) for name, weight in rows
    ]


def choose(
    dense: Run,
    lexical: dict[bool, Run],
    judged: Qrels,
    questions: Chosen,
    left_out: Mapping[str, Collection[str]] | None = None,
    usual: Usual = "dense",
) -> FusionChoice:
    """Measure every way to search on judged questions and say which the database is for.

    Args:
        dense: every question's passages by vectors, as they ship.
        lexical: the same by full text, by whether it knows stems.
        judged: the questions' judgements.
        questions: what they are ("development" or "judged"), for the record.
        left_out: question -> passages that are the question itself.
        usual: "dense": hybrid must win against it, on `FEWEST` questions at least; "hybrid": must not lose.

    Returns:
        mode, fusion, dense_weight and stems as chosen; `ndcg@10` of each way (of fusions: on the outer
            folds); `against_dense`, the
        difference of what was chosen on the other folds from dense, with its interval and verdict; n.

    """
    tried = candidates(lexical)
    none = left_out or {}
    scores = {c: metrics.score(metrics.without(_run(c, dense, lexical), none), judged)[MAIN] for c in tried}
    folds = split(judged)
    offered = tried if usual == "dense" else [c for c in tried if c.name != "dense"]
    alone = {s: metrics.score(metrics.without(run, none), judged)[MAIN] for s, run in sorted(lexical.items())}

    def best_on(questions: Sequence[str]) -> Candidate:
        stems = _stems(alone, questions)
        return _best([c for c in offered if c.name == "dense" or c.stems == stems], scores, questions)

    best = best_on(list(judged))
    outer = _outer(offered[0], best_on, scores, folds)
    found = _compared(outer, scores[tried[0]])
    won = found.verdict == "WIN" and len(judged) >= FEWEST and best.name != "dense"
    if usual == "hybrid":
        won = found.verdict != "REGRESSION"
    stems = _stems(alone, list(judged))
    shown = (
        best
        if won
        else _best([c for c in tried if c.name == "scores" and c.stems == stems], scores, list(judged))
    )
    return FusionChoice(
        mode="hybrid" if won else "dense",
        fusion="ranks" if shown.name == "ranks" else "scores",
        dense_weight=shown.weight,
        stems=stems,
        questions=questions,
        n=len(judged),
        folds=len(folds),
        ndcg_10={
            "dense": round(float(np.mean(list(scores[tried[0]].values()))), 6),
            **{
                f"bm25{', stems' if s else ''}": round(_mean(row, list(judged)), 6)
                for s, row in alone.items()
            },
            **{
                name: round(float(np.mean(list(row.values()))), 6)
                for name, row in _by_kind(tried, scores, folds).items()
            },
            "chosen, outer folds": round(float(np.mean(list(outer.values()))), 6),
        },
        against_dense=found,
    )


def unmeasured(stems: bool) -> FusionChoice:
    """Return how a database is searched where there are no questions to choose by; docs/index.md says why.

    `stems`: full text knows them, and the recipe names the language.
    """
    return FusionChoice(
        mode="hybrid",
        fusion="scores",
        dense_weight=DEFAULT_WEIGHT,
        stems=stems,
        questions=NO_QUESTIONS,
        n=0,
        folds=0,
        ndcg_10={},
    )


def split(judged: Qrels) -> list[list[str]]:
    """Divide the questions into folds; those that share their first judged passage stay together."""
    groups: dict[str, list[str]] = {}
    for question, row in sorted(judged.items()):
        groups.setdefault(min(id_ for id_, score in row.items() if score), []).append(question)
    folds: list[list[str]] = [[] for _ in range(FOLDS)]
    for place, group in enumerate(sorted(groups.values(), key=lambda g: (-len(g), g))):
        folds[place % FOLDS].extend(group)
    return [fold for fold in folds if fold]


def _run(candidate: Candidate, dense: Run, lexical: dict[bool, Run]) -> Run:
    if candidate.name == "dense":
        return dense
    join = ranking.FUSIONS[candidate.name]
    return {
        q: join(ranked, lexical[candidate.stems][q], candidate.weight)[: ranking.DEPTH]
        for q, ranked in dense.items()
    }


def _best(
    tried: Sequence[Candidate], scores: dict[Candidate, dict[str, float]], questions: Sequence[str]
) -> Candidate:
    return max(tried, key=lambda c: _mean(scores[c], questions))


def _stems(alone: dict[bool, dict[str, float]], questions: Sequence[str]) -> bool:
    # By full text alone, which answers alone where the model fails: whoever asks, the database is the same.
    return max(alone, key=lambda s: _mean(alone[s], questions))


def _mean(row: Mapping[str, float], questions: Sequence[str]) -> float:
    return round(float(np.mean([row[q] for q in questions])), 9)


def _outer(
    plainest: Candidate,
    best_on: Callable[[Sequence[str]], Candidate],
    scores: dict[Candidate, dict[str, float]],
    folds: list[list[str]],
) -> dict[str, float]:
    # Every question is scored by the way that is best on the questions of the other folds.
    found: dict[str, float] = {}
    for fold in folds:
        others = [q for other in folds if other is not fold for q in other]
        # One fold alone: nothing is left to choose by, so the plainest way stands, and can't win.
        chosen = best_on(others) if others else plainest
        found |= {q: scores[chosen][q] for q in fold}
    return found


def _by_kind(
    tried: Sequence[Candidate], scores: dict[Candidate, dict[str, float]], folds: list[list[str]]
) -> dict[str, dict[str, float]]:
    kinds = {
        f"{c.name}{', stems' if c.stems else ''}, outer folds": (c.name, c.stems)
        for c in tried
        if c.name != "dense"
    }

    def outer(kind: tuple[str, bool]) -> dict[str, float]:
        rows = [c for c in tried if (c.name, c.stems) == kind]
        return _outer(rows[0], lambda questions: _best(rows, scores, questions), scores, folds)

    return {label: outer(kind) for label, kind in kinds.items()}


def _compared(outer: dict[str, float], dense: dict[str, float]) -> Comparison:
    left: Scores = {MAIN: outer}
    right: Scores = {MAIN: dense}
    return metrics.compare(left, right)
