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
    equal: tuple[tuple[str, str], ...]
    """(id, the evaluation question's id) of those left out because their text or id is the same."""
    held: Count
    """Passages that answer a development or test question, or nearly repeat one that does: kept out of training."""
