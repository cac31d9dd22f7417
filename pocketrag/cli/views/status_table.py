"""The table of `status` and of `build --dry-run`."""

from __future__ import annotations

from pocketrag.console import out, table
from pocketrag.formats.facts.status import StageStatus, StatusFacts
from pocketrag.pipeline.steps import duration


def show_status(facts: StatusFacts) -> None:
    """Print the stages in order, and what a build would do."""
    rows = [(place, *_row(one)) for place, one in enumerate(facts.stages, start=1)]
    table(f"{facts.name} {facts.version}", ("", "stage", "state", "why", "took", "MB"), rows)
    out.print(f"\nbundle: {facts.bundle}, {facts.published}", markup=False)
    out.print(_outlook(facts), markup=False)


def _row(one: StageStatus) -> tuple[object, ...]:
    took = "" if one.seconds is None else duration(one.seconds)
    return one.stage, one.state, one.why or "", took, "" if one.bytes is None else f"{one.bytes / 1e6:.1f}"


def _outlook(facts: StatusFacts) -> str:
    if not facts.to_run:
        return "a build would run nothing: every stage is up to date"
    known = f"; they took {duration(facts.seconds)} when they ran last" if facts.seconds else ""
    unknown = f", without {facts.unknown} that never ran here" if facts.unknown and facts.seconds else ""
    never = "; how long they take is not on record" if facts.unknown and not facts.seconds else ""
    return f"a build would run {facts.to_run} of {len(facts.stages)} stages{known}{unknown}{never}"
