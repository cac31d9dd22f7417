"""`pocketrag push`: what went to a repository of the Hugging Face hub, or would go."""

from __future__ import annotations

from .base import Count, Facts


class PushFacts(Facts):
    """A bundle, its report and a model card, as one commit."""

    repository: str
    """`OWNER/NAME`."""
    state: str
    """Of the repository before: new, holds this bundle, or not asked."""
    dry_run: bool
    """Nothing was sent, nobody was asked."""
    private: bool
    """Only the owner sees it; of a repository that was there already, what it is."""
    bundle: str
    """The model's id."""
    standing: str
    """How far it is from a release, as `verify` says it."""
    files: dict[str, Count]
    """Path in the repository -> bytes."""
    bytes: Count
    left_out: tuple[str, ...]
    """What lies beside the bundle and does not go with it."""
    card: str
    """The text of the model card, `README.md`."""
    commit: str | None
    """The hub's; null where nothing was sent."""
    url: str | None
    """Of the commit; null where nothing was sent."""
