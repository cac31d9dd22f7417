"""Runs the gates in the table's order. What can't be run says why, and is never a pass."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pocketrag.console import progress
from pocketrag.formats.facts.outcome import GateFacts, Outcome
from pocketrag.formats.gate import FAIL, Gate, failed, named, skipped, unchecked

from .examined import Examined
from .table import ABSENT, BESIDE, GATES


def examine(bundle: Examined) -> list[GateFacts]:
    """Run every gate.

    Raises:
        InputError: no such embedder, no emulator on this system, no such device, no benchmark_model.

    """
    found, stopped = _look(progress([gate for gate in GATES if not gate.needs & BESIDE], "Gates"), bundle)
    for family in dict.fromkeys(gate.family for gate in GATES if gate.needs & BESIDE):
        found += _measured_apart(family, bundle, stopped)
    return found


def _measured_apart(family: str, bundle: Examined, stopped: str | None) -> list[GateFacts]:
    gates = [gate for gate in GATES if gate.family == family]
    if lacking := gates[0].needs - bundle.means.given:
        return [absent(gate, lacking) for gate in gates]
    return [named(gate.name, unchecked(stopped)) for gate in gates] if stopped else measure(family, bundle)


def measure(family: str, bundle: Examined) -> list[GateFacts]:
    """Run the gates of one family on a bundle that is whole.

    Of several devices, the outcomes of one stand together.

    Raises:
        InputError: what they need is not there.

    """
    gates = [gate for gate in GATES if gate.family == family]
    columns = [_several(gate.run(bundle)) for gate in gates]
    return [
        named(gate.name, one)
        for row in zip(*columns, strict=True)
        for gate, one in zip(gates, row, strict=True)
    ]


def absent(gate: Gate, lacking: frozenset[str]) -> GateFacts:
    """Return the outcome of a gate for which something was not given.

    Unchecked only where a purpose requires it.
    """
    outcome = unchecked if gate.required_for else skipped
    return named(gate.name, outcome(ABSENT[min(lacking)]))


def _look(gates: Iterable[Gate], bundle: Examined) -> tuple[list[GateFacts], str | None]:
    found: list[GateFacts] = []
    stopped: str | None = None
    for gate in gates:
        one = unchecked(stopped) if stopped else _run(gate, bundle)
        found.append(named(gate.name, one))
        stopped = stopped or (gate.stops if one.outcome == FAIL else None)
    return found, stopped


def _run(gate: Gate, bundle: Examined) -> Outcome:
    try:
        (one,) = _several(gate.run(bundle))
        return one
    except Exception as error:  # a damaged bundle may break a gate in any way: that is a failure, not a crash
        return failed(f"{type(error).__name__}: {error}")


def _several(found: Outcome | Sequence[Outcome]) -> Sequence[Outcome]:
    return [found] if isinstance(found, Outcome) else found
