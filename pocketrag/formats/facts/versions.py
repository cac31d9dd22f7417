"""`pocketrag release`, `fallback` and `model-id`."""

from __future__ import annotations

from .base import Count, Facts, Source


class ReleaseFacts(Facts):
    """A release under a git tag."""

    tag: str
    model_id: str
    artifacts: tuple[str, ...]
    """What DVC keeps, by path from the repository's root."""
    files: Count
    pushed: bool


class FallbackFacts(Facts):
    """The way back to a release."""

    tag: str
    model_id: str
    ships: Source
    bundle: str
    """By path from the repository's root."""
    proved: str
    next: str
    """The command that commits the pointers."""


class ModelIdFacts(Facts):
    """The model that a database says it was made by."""

    database: str
    model_id: str
    before: str
    """The same before `--set`."""
