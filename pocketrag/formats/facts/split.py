"""The stage `split`: who trains, who chooses and who judges."""

from __future__ import annotations

from .base import Count, Facts, StageFacts


class Parts(Facts):
    """How many questions train, choose (development) and judge (test)."""

    train: Count
    dev: Count
    test: Count


class SplitFacts(StageFacts):
    """A recipe's questions, divided so that nothing of the evaluation is trained on."""

    questions: Parts
    pairs: Count
    """Training questions with each of their answers."""
    left_out: dict[str, Count]
    """Reason -> questions that may not train, or, of the development questions, not choose."""
    equal: Count
    """Those left out because they have the text or id of an evaluation question."""
