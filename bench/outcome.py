"""A gate's outcome: pass, fail or unchecked, with what was measured and the limit; never a guess."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from math import isfinite
from typing import Any

PASS, FAIL, UNCHECKED = "pass", "fail", "unchecked"
#: What a release needs beyond what this machine can measure.
DEVICE = ("device_parity", "device_latency", "device_memory")
#: What the emulator tells of ARM's kernels.
EMULATOR = ("emulator_parity", "emulator_twin", "emulator_lengths", "emulator_ranking")
RELEASE_ONLY = frozenset({*DEVICE, "licences"})
#: Evidence besides: required only where it was asked for.
BESIDE = ("parity_", "emulator_")


@dataclass(frozen=True)
class Outcome:
    """What one gate found."""

    gate: str
    outcome: str
    detail: str
    value: float | None = None
    limit: float | None = None


def passed(gate: str, detail: str) -> Outcome:
    """Return a pass."""
    return Outcome(gate, PASS, detail)


def failed(gate: str, detail: str) -> Outcome:
    """Return a failure."""
    return Outcome(gate, FAIL, detail)


def unchecked(gate: str, detail: str) -> Outcome:
    """Return that the gate could not be checked, and why."""
    return Outcome(gate, UNCHECKED, detail)


def judged(gate: str, ok: bool, detail: str) -> Outcome:
    """Return a pass or a failure."""
    return Outcome(gate, PASS if ok else FAIL, detail)


def at_least(gate: str, value: float, limit: float, detail: str) -> Outcome:
    """Compare a measured value with its lower limit; NaN and infinity fail."""
    return _measured(gate, value, limit, value >= limit, detail)


def at_most(gate: str, value: float, limit: float, detail: str) -> Outcome:
    """Compare a measured value with its upper limit; NaN and infinity fail."""
    return _measured(gate, value, limit, value <= limit, detail)


def _measured(gate: str, value: float, limit: float, within: bool, detail: str) -> Outcome:
    finite = isfinite(value)
    return Outcome(gate, PASS if finite and within else FAIL, detail, round(float(value), 6) if finite else None, limit)


def exit_code(outcomes: Iterable[Outcome], purpose: str, asked: Collection[str] = ()) -> int:
    """Return 0 (all required gates pass), 1 (one fails) or 4 (a required one is unchecked).

    A failure is one whatever the purpose. Unchecked is what the purpose needs, or what was `asked` for.
    """
    outcomes = list(outcomes)
    if any(o.outcome == FAIL for o in outcomes):
        return 1
    return 4 if any(o.outcome == UNCHECKED and (o.gate in asked or _needed(o.gate, purpose)) for o in outcomes) else 0


def _needed(gate: str, purpose: str) -> bool:
    return not gate.startswith(BESIDE) and (purpose == "release" or gate not in RELEASE_ONLY)


def as_facts(outcomes: Iterable[Outcome]) -> list[dict[str, Any]]:
    """Return the outcomes as JSON values."""
    return [asdict(outcome) for outcome in outcomes]
