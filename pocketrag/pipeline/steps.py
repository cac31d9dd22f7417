"""How far a command is through the stages that it planned, and how long the rest took when it ran last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from pocketrag.formats.facts.status import StageStatus


@dataclass
class Steps:
    """The stages of a plan by the names of their folders; an empty plan counts nothing."""

    order: list[str] = field(default_factory=list)
    left: dict[str, float | None] = field(default_factory=dict)
    """Stage that is still to be made -> seconds that it took, None where that is unknown."""

    def plan(self, stages: Sequence[StageStatus]) -> None:
        """Take the stages of a command, in order."""
        self.order = [one.stage for one in stages]
        self.left = {one.stage: one.seconds for one in stages if one.state != "built"}

    def begin(self, stage: str) -> str:
        """Return what is said before a stage's name, as "[5 of 12] "; empty where it was not planned."""
        return f"[{self.order.index(stage) + 1} of {len(self.order)}] " if stage in self.order else ""

    def remaining(self) -> str:
        """Return how long the rest takes, as ", about 3 minutes left"; empty where nothing is known."""
        known = sum(seconds for seconds in self.left.values() if seconds is not None)
        if not known or not self.left:
            return ""
        least = "at least" if None in self.left.values() else "about"
        return f", {least} {duration(known)} left"

    def done(self, stage: str) -> None:
        """Take a stage off what is left."""
        self.left.pop(stage, None)


def duration(seconds: float) -> str:
    """Return a time as people say it: "40 seconds", "3 minutes", "2.5 hours"."""
    for unit, size, until in _UNITS:
        if seconds < until:
            number = f"{seconds / size:.0f}" if size < _HOUR else f"{seconds / size:.1f}"
            return f"{number} {unit}" if number != "1" else f"1 {unit.removesuffix('s')}"
    raise AssertionError(seconds)


_HOUR = 3600
_UNITS: Sequence[tuple[str, int, float]] = (
    ("seconds", 1, 90),
    ("minutes", 60, 90 * 60),
    ("hours", _HOUR, float("inf")),
)
