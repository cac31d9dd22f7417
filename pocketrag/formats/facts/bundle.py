"""`pocketrag bundle`, and the verdict that a bundle's manifest and report carry."""

from __future__ import annotations

from .base import Count, Facts, Source, SourceFacts
from .measures import Comparison, GuardComparison, SearchedComparison, ShippedComparison


class VerdictFacts(Facts):
    """What was decided between the tuned and the base model, on which evidence."""

    ships: Source
    reason: str
    tuned: Comparison | None = None
    """The comparison in float32, before conversion."""
    shipped: ShippedComparison | None = None
    """The comparison of what ships (quantized, int8 vectors), dense, with the base model in float32."""
    searched: SearchedComparison | None = None
    """The same in the mode that the app searches in."""
    guard: GuardComparison | None = None
    """The tuned model against the base on the recipe's second evaluation set, float32."""
    accepted_regression: bool = False
    """The tuned model regressed, and ships because --accept-regression was given."""


class BundleFacts(SourceFacts):
    """A bundle in the work folder; `build` publishes it."""

    model_id: str
    bytes: Count
    """Of all its files."""
    files: dict[str, Count]
    """Name -> bytes."""
    ships: Source
    reason: str
