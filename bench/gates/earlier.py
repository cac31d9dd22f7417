"""What an earlier `verify` measured on the same bundle stays until the same is measured again.

A failure goes only when its gate is measured again on that bundle, whatever was asked for in between. Each
phone stands for itself: what one showed, another does not undo.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from pocketrag.errors import InputError
from pocketrag.formats import bundle_report
from pocketrag.formats.bundle_report import Report
from pocketrag.formats.facts.outcome import Earlier, GateFacts
from pocketrag.formats.facts.phone.emulator import EmulatorFacts
from pocketrag.formats.facts.verify import VerifyFacts
from pocketrag.formats.gate import FAIL, PASS, UNCHECKED, exit_code

from .examined import EMULATOR, GENERATOR, NPU
from .table import BESIDE, GATES, required

F = TypeVar("F", bound=VerifyFacts)

#: Outcomes of which something was measured.
MEASURED = (PASS, FAIL)
#: What a gate needs that is not there by itself -> the gates that need it.
FAMILIES = {need: frozenset(gate.name for gate in GATES if need in gate.needs) for need in BESIDE}


def with_earlier(found: F, bundle: Path, published: Path, given: frozenset[str] = frozenset()) -> F:
    """Return the facts of `verify`, completed by what an earlier one measured on the same bundle.

    Args:
        found: the facts of this run.
        bundle: the folder that was examined.
        published: where it is published; the report beside that is read, and counts where it is of the same
            manifest.
        given: what this run was given besides the bundle.

    """
    report = _report(bundle, published)
    if report is None:
        return found
    gates = merged(found.gates, given, _outcomes(report))
    code = exit_code(gates, required(found.for_, given, bundle))
    changes: dict[str, Any] = {"gates": tuple(gates), "exit": code}
    emulated = any(one.measured for one in gates if one.gate in FAMILIES[EMULATOR])
    if found.emulator is None and emulated and (emulator := _emulator(report)):
        changes["emulator"] = emulator
    return found.model_copy(update=changes)


def merged(now: Sequence[GateFacts], given: frozenset[str], before: Sequence[GateFacts]) -> list[GateFacts]:
    """Put earlier outcomes in the place of what was not measured now; the table's order stays.

    Args:
        now: the outcomes of this run.
        given: what it was given besides the bundle.
        before: those of an earlier one on the same bundle.

    """
    found: list[GateFacts] = []
    for need, run in groupby(now, lambda one: _need(one.gate)):
        rows = list(run)
        # The report names the bundle; another generator and other NPU files may lie beside it by now.
        if need is not None and need not in (GENERATOR, NPU):
            old = [one for one in before if one.gate in FAMILIES[need]]
            rows = _again(rows, old) if need in given else _kept(rows, old)
        found += rows
    return found


def _need(gate: str) -> str | None:
    return next((need for need, names in FAMILIES.items() if gate in names), None)


def _kept(now: list[GateFacts], old: list[GateFacts]) -> list[GateFacts]:
    # Nobody asked: all that was found then; also what could not be measured then, or a phone would be
    # forgotten.
    if not any(one.outcome in MEASURED for one in old):
        return now
    there = {one.gate for one in old}
    return [*old, *(one for one in now if one.gate not in there)]


def _again(now: list[GateFacts], old: list[GateFacts]) -> list[GateFacts]:
    # Asked: what was measured now, but for failures that nothing disproved, and for phones that are not
    # attached now.
    failing = {(one.gate, one.device): one for one in old if one.outcome == FAIL}
    found = [failing.get((one.gate, one.device), one) if one.outcome == UNCHECKED else one for one in now]
    here = {one.device for one in now}
    absent = [one for one in old if one.device is not None and one.device not in here]
    for device in dict.fromkeys(one.device for one in absent):
        rows = [one for one in absent if one.device == device]
        found += rows if any(one.outcome in MEASURED for one in rows) else []
    return found


def _report(bundle: Path, published: Path) -> Report | None:
    # What was found of another build says nothing of this one.
    try:
        report = bundle_report.read_report(bundle_report.report_file(published))
    except InputError:
        return None
    same = report.manifest_sha256 is not None and report.manifest_sha256 == bundle_report.manifest_sha256(
        bundle
    )
    return report if same else None


def _outcomes(report: Report) -> list[GateFacts]:
    # Each says when it was measured; one that had been kept before says so already.
    environment = (report.verify or {}).get("environment")
    then = Earlier.of(environment if isinstance(environment, dict) else {})
    read = [one for row in report.gates if (one := _read(row))]
    return [one if one.measured else one.model_copy(update={"measured": then}) for one in read]


def _read(row: dict[str, Any]) -> GateFacts | None:
    try:
        return GateFacts.model_validate({key: row[key] for key in GateFacts.model_fields if key in row})
    except ValidationError:  # as if nothing had been measured, which is never a pass
        return None


def _emulator(report: Report) -> EmulatorFacts | None:
    # None where it can't be read: it is shown, and decides nothing.
    verified = report.verify or {}
    found = verified.get("emulator")
    if not isinstance(found, dict):
        return None
    try:
        return EmulatorFacts.model_validate({"environment": verified.get("environment"), **found})
    except ValidationError:
        return None
