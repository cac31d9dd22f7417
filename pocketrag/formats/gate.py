"""What a gate is, and the outcomes that gates and lines of `check` come to."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, Final

from pocketrag.errors import GateError, UncheckedError

from .facts.base import FAR
from .facts.outcome import GateFacts, Outcome, OutcomeWord
from .facts.verify import VerifyFacts

#: `skipped`: nobody asked. `unchecked`: asked or required, and could not be measured.
PASS: Final = "pass"  # noqa: S105 - an outcome
FAIL: Final = "fail"
UNCHECKED: Final = "unchecked"
SKIPPED: Final = "skipped"
#: From what needs attention first to what needs none.
ORDER: tuple[OutcomeWord, ...] = (FAIL, UNCHECKED, PASS, SKIPPED)


def passed(detail: str) -> Outcome:
    """Return a pass."""
    return Outcome(outcome=PASS, detail=detail)


def failed(detail: str) -> Outcome:
    """Return a failure."""
    return Outcome(outcome=FAIL, detail=detail)


def unchecked(detail: str) -> Outcome:
    """Return that it was asked for or is required, could not be measured, and why."""
    return Outcome(outcome=UNCHECKED, detail=detail)


def skipped(detail: str) -> Outcome:
    """Return that nobody asked for it."""
    return Outcome(outcome=SKIPPED, detail=detail)


def judged(ok: bool, detail: str) -> Outcome:
    """Return a pass or a failure."""
    return Outcome(outcome=PASS if ok else FAIL, detail=detail)


def at_least(value: float, limit: float, detail: str) -> Outcome:
    """Compare a measured value with its lower limit; NaN and infinity fail."""
    return _measured(value, limit, value >= limit, detail)


def at_most(value: float, limit: float, detail: str) -> Outcome:
    """Compare a measured value with its upper limit; NaN and infinity fail."""
    return _measured(value, limit, value <= limit, detail)


def _measured(value: float, limit: float, within: bool, detail: str) -> Outcome:
    finite = isfinite(value) and abs(value) <= FAR
    ok = finite and bool(within)
    return Outcome(
        outcome=PASS if ok else FAIL,
        detail=detail,
        value=round(float(value), 6) if finite else None,
        limit=limit,
    )


def named(gate: str, found: Outcome) -> GateFacts:
    """Return a gate's outcome with its name."""
    return found.into(GateFacts, gate=gate, value=found.value, limit=found.limit)


def exit_code(outcomes: Iterable[GateFacts], required: Collection[str]) -> int:
    """Return 0 (all required gates pass), 1 (one fails) or 4 (a required one is unchecked).

    A failure is one whatever is required.
    """
    outcomes = list(outcomes)
    if any(one.outcome == FAIL for one in outcomes):
        return 1
    return 4 if any(one.outcome == UNCHECKED and one.gate in required for one in outcomes) else 0


def as_rows(outcomes: Iterable[GateFacts]) -> list[dict[str, Any]]:
    """Return the outcomes as JSON values."""
    return [one.as_json() for one in outcomes]


@dataclass(frozen=True)
class Gate:
    """One row of the table of gates."""

    name: str
    family: str
    """What it is about; a family that needs more than the bundle is measured as a whole."""
    needs: frozenset[str]
    """What it needs besides the bundle."""
    required_for: frozenset[str]
    """The purposes of `verify` for which it has to pass."""
    run: Callable[[Any], Outcome | Sequence[Outcome]]
    """Takes the bundle; several outcomes are one a device."""
    stops: str | None = None
    """Why no later gate looks at the bundle once this one failed."""


def hold_back(verified: VerifyFacts, ending: str) -> None:
    """Raise for what `verify` found, naming every gate in the way and ending with what that means.

    Nothing if all required passed.

    Raises:
        GateError: a required gate failed.
        UncheckedError: none failed, but one could not be checked.

    """
    if verified.exit:
        outcome, kind = (
            ("fail", GateError) if verified.exit == GateError.exit_code else ("unchecked", UncheckedError)
        )
        failing = [f"gate {gate.gate}: {gate.said}" for gate in verified.gates if gate.outcome == outcome]
        raise kind(f"{'; '.join(failing)}. {ending}")
