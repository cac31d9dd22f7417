"""`pocketrag report`: the page that was written."""

from __future__ import annotations

from .base import Count, Facts
from .outcome import OutcomeWord


class ReportRow(Facts):
    """One report on the page."""

    report: str
    """Its label there."""
    outcome: OutcomeWord
    """By the rules of a release."""
    verdict: str
    """The same in words."""
    standing: str
    """How far it is from a release, as `verify` says it; empty where no gate was run."""


class ReportFacts(Facts):
    """One HTML page."""

    out: str
    bytes: Count
    reports: tuple[ReportRow, ...]
