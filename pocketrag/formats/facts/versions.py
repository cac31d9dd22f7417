"""`pocketrag release`, `fallback`, `update` and `model-id`."""

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


class UpdateFacts(Facts):
    """A model-only update: what an app with the earlier bundle needs to have the new one."""

    update: str
    """The folder."""
    name: str
    version: str
    before: str
    """The earlier bundle's version."""
    model_id: str
    model_id_before: str
    vectors_model_id: str
    """Of the model that made the vectors of both."""
    bytes: Count
    bytes_whole: Count
    """Of the whole new bundle."""
    carried: tuple[str, ...]
    """The files in it, beside the manifest and the sums."""
    taken: tuple[str, ...]
    """The files that the app has from the earlier bundle."""


class ModelIdFacts(Facts):
    """The model that a database says it was made by."""

    database: str
    model_id: str
    before: str
    """The same before `--set`."""
