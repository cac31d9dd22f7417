"""Outcomes of gates, and of the lines of `check`."""

from __future__ import annotations

from typing import Literal

from .base import Facts, Number

#: `skipped`: nobody asked for it. `unchecked`: asked for or required, and could not be measured.
OutcomeWord = Literal["pass", "fail", "unchecked", "skipped"]


class GateFacts(Facts):
    """What one gate found."""

    gate: str
    outcome: OutcomeWord
    detail: str
    value: Number | None
    """What was measured; null where nothing was, or it was not finite."""
    limit: Number | None


class CheckLine(Facts):
    """One line of the checklist."""

    check: str
    outcome: OutcomeWord
    detail: str
    """A failure's detail says how to mend it."""
