"""`pocketrag serve`: what a server did until it ended."""

from __future__ import annotations

from .base import Count, Facts


class ServeFacts(Facts):
    """A server of bundles that has ended."""

    address: str
    bundles: tuple[str, ...]
    """Their folders."""
    questions: Count
    """That were asked."""
    votes: str
    """The file of votes."""
    voted: Count
    """Votes that were added to it."""
