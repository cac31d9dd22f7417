"""`pocketrag questions`."""

from __future__ import annotations

from .base import Count, Facts


class _Among(Facts):
    among: Count | None
    """The passage had to be among so many; null with `--accept`."""


class WrittenFacts(Facts):
    """What a model wrote to the passages, what of it was kept, and what people said of it."""

    generator: str | None
    """What wrote; null with `--accept`, which writes nothing new."""
    seed: int | None
    passages: Count
    """That were asked about."""
    earlier: Count
    """Of them, those whose answer an earlier run had."""
    lines: Count
    """In the model's answers."""
    dropped: dict[str, Count]
    """Why -> lines that were not kept."""
    searched: str | None
    """What had to bring the passage back: a bundle and its mode, or `bm25`; null with `--accept`."""
    written: Count
    """Questions that were kept as the model wrote them."""
    accepted: Count
    mended: Count
    rejected: Count
    undecided: Count
    """Of those nobody has said anything."""
    questions: Count
    """That train: all but the rejected ones, or with `--accepted-only` the accepted and mended ones."""
    passages_asked: Count
    """Passages that one of these asks of."""


class _Out(Facts):
    recipe: str
    out: str
    """The folder that took the files."""
    files: tuple[str, ...]
    """Their names."""


class QuestionsFacts(_Among, WrittenFacts, _Out):
    """The questions of a recipe that a model wrote."""

    next: tuple[str, ...]
    """What to do now."""
