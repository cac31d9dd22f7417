"""`pocketrag trim`."""

from __future__ import annotations

from .base import Amount, Count, Facts, StageFacts


class Rows(Facts):
    """Rows of the token table."""

    before: Count
    after: Count


class HeldOut(Facts):
    """What falls back to shorter pieces in questions that did not choose the vocabulary."""

    questions: Count
    tokens: Count
    """Without those of the prompt."""
    fall_back: Count
    share: Amount
    """Of the tokens, 0 to 1."""
    questions_touched: Count


class HeldOuts(Facts):
    """Measured twice."""

    folds: HeldOut
    """Five folds of all questions, each left out once."""
    evaluation: HeldOut
    """The evaluation questions, all left out at once."""


class TrimFacts(StageFacts):
    """The base embedder with the tokens that the recipe needs."""

    tokens: Rows
    bytes_saved: Count
    kept: dict[str, Count]
    """Reason -> tokens that are kept for it."""
    reserved_left_out: Count
    """Rows such as `<unused42>`, which mean nothing."""
    held_out: HeldOuts
    texts_tokenized_as_before: Count
    texts_that_spell_a_special_token: Count
