"""`pocketrag traits`."""

from __future__ import annotations

from typing import Literal

from .base import Amount, Facts, NumberOrNone, Score
from .measures import Comparison, MeanWithInterval


class TraitFacts(MeanWithInterval):
    """Share of n anchors whose positive comes before all hard negatives; a tie counts as not found."""

    mrr: Score
    """Mean reciprocal rank of the positive among its negatives."""
    chance: Score
    """The share that a random order would come to, and its mean reciprocal rank."""
    chance_mrr: Score


class ControlFacts(Facts):
    """The share of models that know nothing."""

    constant: Score
    """All texts have one vector."""
    random: Score
    """Random vectors, mean of 100 draws."""
    chance: Score


class RetrievalFacts(Comparison):
    """nDCG@10 on a recipe's test questions by vectors alone, against full text."""

    dense: Score
    bm25: Score


class ModelTraits(Facts):
    """One model."""

    model: str
    kind: Literal["static", "bundle", "embedder"]
    megabytes: Amount
    """Weights and tokenizer."""
    milliseconds: Amount
    """A text, one at a time, median; of this machine as it was."""
    retrieval: RetrievalFacts | None
    """Null where no recipe was given."""
    traits: dict[str, TraitFacts]
    overall: MeanWithInterval
    """Weighted: instruction awareness 30 %, the other five 14 % each; n counts the anchors of all."""
    instruction: Score
    overall_per_megabyte: NumberOrNone
    grade: Literal["excellent", "good", "fair", "poor"]
    ships: bool | None
    """False where it retrieves worse than full text, whatever its traits; null where no recipe was given."""
    verdict: str


class TraitsFacts(Facts):
    """Several models, side by side."""

    controls: dict[str, ControlFacts]
    models: tuple[ModelTraits, ...]
