"""The top of the page: may it ship? And the gates that say so."""

from __future__ import annotations

from collections.abc import Sequence

from pocketrag.formats.facts.outcome import GateFacts, OutcomeWord
from pocketrag.formats.gate import FAIL, PASS, SKIPPED, UNCHECKED, exit_code

from ..gates.standing import standing
from ..gates.table import GATES, RELEASE, of_family
from .blocks import Block, Card, Cell, LabelledReport, More, Row, Section, Table, gathered, moment, number

MAY, MUST_NOT, NOT_CHECKED = "May ship", "Must not ship", "Not checked: nothing says that it may ship"
#: An exit code under the rules of a release -> what the card says, and its kind.
WORDS: dict[int, tuple[OutcomeWord, str]] = {0: (PASS, MAY), 1: (FAIL, MUST_NOT), 4: (UNCHECKED, NOT_CHECKED)}
#: Exit codes of `verify` in words.
EXITS = {0: "all that it required passed", 1: "a gate failed", 4: "a required gate could not be checked"}
COMMAND = "pocketrag verify BUNDLE"
#: From good to bad.
BEST = (PASS, SKIPPED, UNCHECKED, FAIL)
#: What nothing but a phone shows.
DEVICE = of_family("device")
#: Gates that a release does without; one that this version does not know is required.
OPTIONAL = frozenset(gate.name for gate in GATES if RELEASE not in gate.required_for)


def verdict(one: LabelledReport) -> Card:
    """Say whether a bundle may ship, by the rules of a release: every gate passes, those on a device too."""
    kind, words = WORDS[_exit(one)]
    return Card(one.label, kind, words, _lines(one), _problems(one))


def _exit(one: LabelledReport) -> int:
    gates = one.facts.gates
    code = _release(gates)
    # A gate that is not in the list was not run, and one that can't be read says nothing.
    whole = {*DEVICE} <= {gate.gate for gate in gates} and not one.facts.broken("gates")
    return code if code or whole else 4


def _release(gates: Sequence[GateFacts]) -> int:
    return exit_code(gates, {gate.gate for gate in gates} - OPTIONAL)


def _lines(one: LabelledReport) -> list[str]:
    facts, lines = one.facts, []
    if facts.gates:
        lines.append(f"{standing(facts.gates)}.")
    if facts.verdict and facts.verdict.ships:
        lines.append(f"Ships the {facts.verdict.ships} model: {facts.verdict.reason}.")
    if facts.verdict and facts.verdict.accepted_regression:
        lines.append("It REGRESSED, and ships because --accept-regression was given.")
    if facts.verify and facts.verify.exit is not None:
        when = moment(facts.verify.environment.time)
        ended = EXITS.get(facts.verify.exit, f"exit code {facts.verify.exit}")
        lines.append(f"Last verified for {facts.verify.for_ or 'build'}, {when}: {ended}.")
    return lines


def _problems(one: LabelledReport) -> list[tuple[str, str, str]]:
    """Return what stands in the way, gates of one reason together, failures first."""
    found: dict[tuple[str, str], list[str]] = {}
    for kind in (FAIL, UNCHECKED):
        for gate in one.facts.gates:
            if gate.outcome == kind and _release([gate]):
                found.setdefault((kind, gate.said), []).append(gate.gate)
    missing = [name for name in DEVICE if name not in {gate.gate for gate in one.facts.gates}]
    rows = [(kind, ", ".join(names), detail) for (kind, detail), names in found.items()]
    rows += [(UNCHECKED, ", ".join(missing), "not run")] if missing else []
    return rows + [(UNCHECKED, "gates", f"can't be read, {why}") for why in one.facts.broken("gates")]


def all_gates(labelled: Sequence[LabelledReport]) -> Section:
    """Return all gates: with one report in full, with several side by side and in full below."""
    notes: list[Block] = gathered(labelled, "gates", "gates", COMMAND)
    there = [one for one in labelled if one.facts.gates]
    if len(there) < 2:
        return Section("gates", "Gates", [*notes, *(_whole(one) for one in there)])
    whole = [More(f"All gates of {one.label}", [_whole(one)]) for one in there]
    return Section("gates", "Gates", [*notes, _matrix(there), *whole])


def _whole(one: LabelledReport) -> Table:
    rows: list[Row] = [
        [gate.gate, Cell(gate.outcome, gate.outcome), _number(gate.value), _number(gate.limit), gate.said]
        for gate in one.facts.gates
    ]
    return Table(f"Gates of {one.label}", ("gate", "outcome", "value", "limit", "detail"), rows)


def _matrix(there: Sequence[LabelledReport]) -> Table:
    # With several phones a gate is there several times: the worst outcome counts.
    found = [
        {gate.gate: gate for gate in sorted(one.facts.gates, key=lambda gate: BEST.index(gate.outcome))}
        for one in there
    ]
    names = dict.fromkeys(gate.gate for one in there for gate in one.facts.gates)
    rows: list[Row] = [[name, *(_short(gates.get(name)) for gates in found)] for name in names]
    return Table(
        "Gates side by side: outcome, and value where one was measured",
        ("gate", *(one.label for one in there)),
        rows,
    )


def _short(gate: GateFacts | None) -> Cell:
    if gate is None:
        return Cell("not run", UNCHECKED)
    return Cell(gate.outcome if gate.value is None else f"{gate.outcome} {_number(gate.value)}", gate.outcome)


def _number(value: float | None) -> str:
    return number(value, 4) if value is None or abs(value) < 10 else f"{value:.1f}"
