"""`pocketrag serve`: what a server did until it ended; or the site that `--static` wrote."""

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


class SiteFacts(Facts):
    """A folder that any static host can carry."""

    out: str
    bundle: str
    version: str
    """A digest of all files: of equal ones the browser keeps its copy."""
    files: Count
    bytes: Count
    first_visit: Count
    """Bytes that a browser loads before the first answer: one encoder, one build of LiteRT.js."""
