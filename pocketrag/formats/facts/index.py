"""`pocketrag index`."""

from __future__ import annotations

from typing import Final, Literal

from .base import Amount, Count, Facts, Score, SourceFacts
from .measures import Comparison

#: What chose where a recipe names no questions: nothing.
NO_QUESTIONS: Final = "none"


class FusionChoice(Facts):
    """How vectors and full text are joined, and the measurements that chose it."""

    mode: Literal["dense", "hybrid"]
    fusion: Literal["scores", "ranks"]
    """How hybrid joins both lists: min-max normalised scores, or reciprocal ranks."""
    dense_weight: Amount
    """Of the dense list, 0 to 1."""
    stems: bool
    """Whether full text looks up stems too."""
    questions: Literal["development", "judged", "none"]
    """Which questions chose; "none": there are none, and this is the default."""
    n: Count
    folds: Count
    ndcg_10: dict[str, Score]
    """Way to search -> nDCG@10.

    Of fusions on the outer folds, where another choice was made on the others.
    """
    against_dense: Comparison | None = None
    """What was chosen on the other folds against dense alone; absent without questions."""


class IndexFacts(SourceFacts):
    """The database."""

    passages: Count
    over_length: Count
    """Passages longer than the model that embedded them takes."""
    longest: Count
    """Tokens that it takes."""
    embedded: Count
    """Passages embedded now."""
    reused: Count
    """Passages whose vector an earlier run had."""
    processor: str | None = None
    """What embedded them; absent where the reference model did, whose stage says it."""
    model_id: str
    vector_scale: Amount
    """An int8 number times this is the float."""
    bytes: Count
    fusion: FusionChoice
