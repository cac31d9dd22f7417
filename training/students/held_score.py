"""How near a student is to its teacher on texts that it does not learn from: what chooses a checkpoint."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from sentence_transformers.base.evaluation import BaseEvaluator

from pocketrag.formats.golden import TOP
from pocketrag.reference import float_model
from pocketrag.reference.network_student import mean_of

#: How the evaluator calls its numbers.
SCORE, ALIKE, FINITE = "held_score", "held_alike", "held_finite"
#: The score of a model whose vectors are no numbers: below any other.
NONE = -1.0
#: Of a static student's vector in the mean, where one stands beside the model.
SHARES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
#: Mean cosine of all pairs of questions from which on they are one question.
COLLAPSED = 0.99


@dataclass(frozen=True)
class Held:
    """Texts that nothing learns from, as the student reads them, and what the teacher makes of them."""

    texts: list[str]
    taught: np.ndarray
    """Float32 [n, dims], unit length."""
    by: Literal["overlap", "cosine"]
    """By which they score: questions by the passages that both find, other texts by the mean cosine."""


class HeldScore(BaseEvaluator):
    """Scores a model on held-out texts; with a static student beside it, at the share that is best."""

    share = 0.0
    """That share, as it was scored last."""

    def __init__(self, held: Held, passages: np.ndarray, beside: np.ndarray | None = None) -> None:
        """Keep the texts, the teacher's passages float32 [m, dims] and the static vectors of the texts."""
        super().__init__()  # type: ignore[no-untyped-call]
        self.held, self.passages, self.beside = held, passages, beside
        self.primary_metric = SCORE
        self.wanted = tops(held.taught, passages) if held.by == "overlap" else []
        self.alike = alike(held.taught)

    def __call__(
        self,
        model: Any,  # noqa: ANN401
        output_path: str | None = None,
        epoch: float = -1,
        steps: int = -1,
    ) -> dict[str, float]:
        """Return the score, how alike all questions are, and whether all vectors are numbers."""
        vectors = float_model.encode(model, self.held.texts, progress=False)
        if not np.isfinite(vectors).all():
            return {SCORE: NONE, ALIKE: 1.0, FINITE: 0.0}
        return {SCORE: self._best(vectors), ALIKE: alike(vectors), FINITE: 1.0}

    def _best(self, vectors: np.ndarray) -> float:
        if self.beside is None:
            return self.score(vectors)
        scores = {share: self.score(mean_of(self.beside, vectors, share)) for share in SHARES}
        self.share = max(scores, key=lambda share: scores[share])
        return scores[self.share]

    def score(self, vectors: np.ndarray) -> float:
        """Score vectors of the held-out texts, float32 [n, dims], unit length."""
        if self.held.by == "cosine":
            return float((vectors * self.held.taught).sum(1).mean())
        return float(np.mean(shares(self.wanted, tops(vectors, self.passages))))


def alike(vectors: np.ndarray) -> float:
    """Return the mean cosine of all pairs of unit vectors [n, dims]; 0 of fewer than two."""
    count = len(vectors)
    together = float(np.square(vectors.sum(0, dtype=np.float64)).sum())
    return (together - count) / (count * (count - 1)) if count > 1 else 0.0


def tops(vectors: np.ndarray, passages: np.ndarray) -> list[set[int]]:
    """Return the rows of each vector's `TOP` nearest passages."""
    order = np.argsort(-(vectors @ passages.T), axis=1, kind="stable")
    return [set(row[:TOP].tolist()) for row in order]


def shares(wanted: list[set[int]], found: list[set[int]]) -> np.ndarray:
    """Return which share of the wanted passages was found, float64 [n]."""
    return np.array([len(one & other) / len(one) for one, other in zip(wanted, found, strict=True)])
