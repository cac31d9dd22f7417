"""Retrieval quality in numbers: means of the measures, differences of two systems, agreement, abstention."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .base import CosineOrNone, Count, Facts, Interval, Mode, Number, Score

#: Our name -> ir-measures' name. MRR is cut at 10, as MS MARCO's; hit@k is 1 where any relevant passage is
#: among the first k.
MEASURES = {
    "recall@1": "R@1",
    "recall@5": "R@5",
    "recall@10": "R@10",
    "hit@1": "Success@1",
    "hit@5": "Success@5",
    "hit@10": "Success@10",
    "mrr@10": "RR@10",
    "ndcg@10": "nDCG@10",
}
#: How a comparison of two systems came out (pocketrag/reference/metrics.py).
VerdictWord = Literal["WIN", "MARGINAL", "REGRESSION"]


class Means(Facts):
    """Means over n questions, by the field's own definitions (trec_eval)."""

    n: Count
    recall_1: Score
    recall_5: Score
    recall_10: Score
    hit_1: Score
    """Share of the questions with a judged passage in the first place."""
    hit_5: Score
    hit_10: Score
    mrr_10: Score
    ndcg_10: Score
    similarity: Score | None = None
    """Cosine of a question and its judged passages; absent where vectors played no part."""

    def numbers(self) -> dict[str, float]:
        """Return `n` and the mean of every measure, by its name in JSON."""
        return {key: value for key, value in self.as_json().items() if isinstance(value, int | float)}


class Difference(Facts):
    """The mean difference of one measure on the same questions, paired."""

    difference: Number
    interval: Interval
    """95 %, bootstrap; [-1, 1] for a single question, which says nothing."""
    better: Count
    """Questions on which the first one is better."""
    worse: Count


class _Measured(Facts):
    measure: str
    n: Count


class Paired(Difference, _Measured):
    """A difference, of which measure, over how many questions."""


class Comparison(Paired):
    """A difference of the measure that decides, and what it means."""

    verdict: VerdictWord


class _Searched(Facts):
    mode: Mode | str


class SearchedComparison(Comparison, _Searched):
    """A comparison in the mode that the app searches in."""


class GuardComparison(Paired):
    """The tuned model against the base on the second evaluation set.

    `limits.guard_loss` decides, so there is no verdict.
    """

    base: Score
    tuned: Score


class MeanWithInterval(Facts):
    """A mean over n values."""

    mean: Number
    interval: Interval
    """95 %, bootstrap."""
    n: Count


class AgainstChance(MeanWithInterval):
    """A share of n questions, and what a random order of the passages would come to.

    The interval is Wilson's.
    """

    chance: float = Field(ge=0, le=1)


class ShippedComparison(Comparison):
    """A comparison of what ships, dense, with the means of all modes."""

    modes: dict[str, Means]
    against_chance: dict[str, AgainstChance] | None = None
    """By vectors alone: `hit@1` and `hit@10`; absent in bundles of before."""


class _Top(Facts):
    top: int = Field(ge=1)


class Agreement(MeanWithInterval, _Top):
    """How often what ships finds the reference model's own top passages, dense; no labels are needed.

    `mean` is the mean share of the reference's `top` passages among the shipped model's.
    """

    mean: float = Field(ge=0, le=1)
    n: int = Field(ge=1)


class Cosine(Facts):
    """Cosines of vectors that should be equal."""

    mean: CosineOrNone
    least: CosineOrNone


class _Counted(Facts):
    n: Count


class CosineOfTexts(Cosine, _Counted):
    """Cosines of n texts' vectors that should be equal."""


class Share(Facts):
    """A share of n questions."""

    share: float = Field(ge=0, le=1)
    interval: Interval
    """95 %, Wilson."""
    n: int = Field(ge=1)


class Scored(Facts):
    """How the best passage's score is distributed over n questions."""

    n: int = Field(ge=1)
    quantiles: dict[str, float]


class Abstention(Facts):
    """Below which score the app had better say that it does not know, and what that costs."""

    score: Literal["dense"]
    """Of the best passage by vectors alone, as dense search returns it.

    A fused score is relative and can't tell.
    """
    threshold: float
    rate: float = Field(ge=0, le=1)
    """At most this share of the answerable questions scores below the threshold.

    That is how it was chosen.
    """
    false_abstention: Share
    """Answerable questions below a threshold chosen on other ones (cross-validated)."""
    caught: Share
    """Unanswerable questions below the threshold; they had no part in choosing it."""
    auroc: float = Field(ge=0, le=1)
    """Chance that an answerable question scores above an unanswerable one."""
    auroc_interval: Interval
    """95 %, bootstrap."""
    answerable: Scored
    unanswerable: Scored
