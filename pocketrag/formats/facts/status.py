"""`pocketrag status` and `pocketrag build --dry-run`: what is built, what would run, and for how long."""

from __future__ import annotations

from typing import Literal

from .base import Amount, Count, Facts

#: A stage is there and up to date; there, and made from something else; or not there.
State = Literal["built", "stale", "missing"]


class StageStatus(Facts):
    """One stage of a build."""

    stage: str
    """Its folder in the project's."""
    state: State
    why: str | None
    """What changed, or what it waits for; null where it is built or was never made."""
    seconds: Amount | None
    """What its last run took here; null where none is on record."""
    bytes: Count | None
    """Of its files; null where it is missing."""


class StatusFacts(Facts):
    """The stages of a build in order, and the bundle."""

    name: str
    version: str
    stages: tuple[StageStatus, ...]
    to_run: Count
    """Stages that are not built. One that waits may turn out to be unchanged."""
    seconds: Amount
    """What those took when they ran last, as far as that is on record."""
    unknown: Count
    """Of those, the ones without a record."""
    bundle: str
    """Where `build` puts it."""
    published: Literal["up to date", "of another build", "missing"]
