"""The stage `reference-SOURCE`: float32 vectors, against which every loss is measured."""

from __future__ import annotations

from .base import Count, Source, StageFacts


class ReferenceFacts(StageFacts):
    """Every passage and a sample of questions, embedded in float32."""

    passages: Count
    over_length: Count
    """Passages longer than the model takes."""
    longest: Count
    """Tokens that it takes."""
    embedded: Count
    """Passages embedded now."""
    reused: Count
    """Passages whose vector an earlier run had."""
    processor: str
    """What embedded them; another one's vectors are rounded otherwise."""
    questions: Count
    passages_of: Source | None = None
    """Whose vectors the passages have; absent where they are the model's own."""
