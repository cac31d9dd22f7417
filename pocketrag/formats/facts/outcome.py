"""Outcomes of gates, and of the lines of `check`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from .base import Facts, Number

#: `skipped`: nobody asked for it. `unchecked`: asked for or required, and could not be measured.
OutcomeWord = Literal["pass", "fail", "unchecked", "skipped"]
#: Characters of a commit that tell it from all others.
COMMIT = 12


class Outcome(Facts):
    """How one check went; the table that the check stands in gives it its name."""

    outcome: OutcomeWord
    detail: str
    value: Number | None = None
    """What was measured; null where nothing was, or it was not finite."""
    limit: Number | None = None
    device: str | None = None
    """The serial of the phone; absent where none took part."""


class _Check(Facts):
    check: str


class CheckLine(Outcome, _Check):
    """One line of the checklist; a failure's detail says how to mend it."""


class Earlier(Facts):
    """When, where and with what an earlier `verify` measured something; null is what can't be told."""

    time: str | None
    """ISO 8601, UTC."""
    processor: str | None
    pocketrag: str | None
    """Its version."""
    commit: str | None
    """Of the working directory."""
    dirty: bool | None
    """Whether tracked files there had changes."""

    @classmethod
    def of(cls, environment: Mapping[str, Any]) -> Earlier:
        """Take what is said of it from the environment of a report's section."""
        machine, versions = environment.get("machine"), environment.get("versions")
        return cls(
            time=_text(environment, "time"),
            processor=_text(machine, "processor"),
            pocketrag=_text(versions, "pocketrag"),
            commit=_text(environment, "commit"),
            dirty=environment.get("dirty") is True if "dirty" in environment else None,
        )

    def __str__(self) -> str:
        """Say it in words."""
        commit = (
            f"commit {self.commit[:COMMIT]}{' with changes' if self.dirty else ''}" if self.commit else None
        )
        version = f"pocketrag {self.pocketrag}" if self.pocketrag else None
        known = ", ".join(word for word in (version, commit, self.processor) if word)
        return f"measured earlier, {self.time or 'at an unknown time'}{f' ({known})' if known else ''}"


class _Gate(Facts):
    gate: str


class GateFacts(Outcome, _Gate):
    """What one gate found."""

    value: Number | None
    """What was measured; null where nothing was, or it was not finite."""
    limit: Number | None
    measured: Earlier | None = None
    """Absent where this run found it."""

    @property
    def said(self) -> str:
        """The detail, and when it was measured if not now."""
        return f"{self.detail}; {self.measured}" if self.measured else self.detail


def _text(values: object, key: str) -> str | None:
    found = values.get(key) if isinstance(values, Mapping) else None
    return found if isinstance(found, str) else None
