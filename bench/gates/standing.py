"""How far a bundle is from a release, in one sentence: what `verify`, `build` and `report` all say."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from pocketrag.formats.facts.outcome import GateFacts, OutcomeWord
from pocketrag.formats.gate import FAIL, ORDER, PASS, SKIPPED

from .examined import DEVICE
from .table import BUILD, GATES, RELEASE, required


def standing(gates: Sequence[GateFacts], bundle: Path | None = None) -> str:
    """Return for example "Build gates 20 of 20; a release needs a phone: 3 open".

    Args:
        gates: as they were found; of one on several phones the worst counts.
        bundle: whose build did without questions, where there is one.

    """
    found: dict[str, OutcomeWord] = {}
    for gate in sorted(gates, key=lambda one: ORDER.index(one.outcome), reverse=True):
        found[gate.gate] = gate.outcome
    building, releasing = required(BUILD, (), bundle), required(RELEASE, ())
    asked = [name for name in building if found.get(name, SKIPPED) != SKIPPED]
    passing = [name for name in asked if found[name] == PASS]
    said = f"Build gates {len(passing)} of {len(asked)}"
    return f"{said}; {_for_release(found, releasing - building)}"


def _for_release(found: Mapping[str, OutcomeWord], names: Collection[str]) -> str:
    if failed := sorted(name for name, outcome in found.items() if outcome == FAIL):
        return f"no release: {', '.join(failed)} failed"
    # Generators and NPU files that are not there have nothing to pass.
    lacking = [gate for gate in GATES if gate.name in names and _open(found, gate.name, DEVICE in gate.needs)]
    phone = [gate.name for gate in lacking if DEVICE in gate.needs]
    others = [gate.name for gate in lacking if DEVICE not in gate.needs]
    parts = [f"a phone: {len(phone)} open"] if phone else []
    parts += [f"{', '.join(others)}, which {'is' if len(others) == 1 else 'are'} open"] if others else []
    return f"a release needs {' and '.join(parts)}" if parts else "nothing is open for a release"


def _open(found: Mapping[str, OutcomeWord], name: str, on_a_phone: bool) -> bool:
    outcome = found.get(name, SKIPPED)
    return outcome != PASS and (on_a_phone or outcome != SKIPPED)
