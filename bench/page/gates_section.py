"""May it ship? And the gates that say so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pocketrag.formats.facts.outcome import GateFacts, OutcomeWord
from pocketrag.formats.gate import FAIL, PASS, SKIPPED, UNCHECKED, exit_code

from ..gates.standing import standing
from ..gates.table import GATES, RELEASE, of_family
from .blocks import (
    NOTHING,
    Block,
    Cell,
    LabelledReport,
    More,
    Note,
    Row,
    Section,
    Table,
    gathered,
    moment,
    number,
)

MAY, MUST_NOT, NOT_CHECKED = "May ship", "Must not ship", "Not checked: may not ship yet"
#: An exit code under the rules of a release -> what stands at the top, and its kind.
WORDS: dict[int, tuple[OutcomeWord, str]] = {0: (PASS, MAY), 1: (FAIL, MUST_NOT), 4: (UNCHECKED, NOT_CHECKED)}
#: Exit codes of `verify` in words.
EXITS = {0: "all that it required passed", 1: "a gate failed", 4: "a required gate could not be checked"}
COMMAND = "pocketrag verify BUNDLE"
ON_A_PHONE = f"{COMMAND} --for release --device all --benchmark-binary PATH"
#: From good to bad.
BEST = (PASS, SKIPPED, UNCHECKED, FAIL)
#: What nothing but a phone shows.
DEVICE = of_family("device")
#: Gates that a release does without; one that this version does not know is required.
OPTIONAL = frozenset(gate.name for gate in GATES if RELEASE not in gate.required_for)


def decision(one: LabelledReport) -> tuple[OutcomeWord, str]:
    """Say whether a bundle may ship, by the rules of a release: every gate passes, those on a device too."""
    return WORDS[_exit(one)]


def standing_of(one: LabelledReport) -> list[str]:
    """Return what stands below the decision: how far it is, and what nobody may overlook."""
    facts = one.facts
    lines = [f"{standing(facts.gates)}."] if facts.gates else ["No gate was run."]
    if facts.verdict and facts.verdict.accepted_regression:
        lines.append("It REGRESSED, and ships because --accept-regression was given.")
    return lines


def _exit(one: LabelledReport) -> int:
    gates = one.facts.gates
    code = _release(gates)
    # A gate that is not in the list was not run, and one that can't be read says nothing.
    whole = {*DEVICE} <= {gate.gate for gate in gates} and not one.facts.broken("gates")
    return code if code or whole else 4


def _release(gates: Sequence[GateFacts]) -> int:
    return exit_code(gates, {gate.gate for gate in gates} - OPTIONAL)


def all_gates(labelled: Sequence[LabelledReport]) -> Section:
    """Return the gates: what failed and what is open first, the rest folded."""
    blocks: list[Block] = gathered(labelled, "gates", "gates", COMMAND)
    there = [one for one in labelled if one.facts.gates]
    if rows := [[one.label, *row] for one in labelled for row in _obstacles(one)]:
        caption = "Failed and open: what stands between this and a release"
        blocks.append(Table(caption, ("report", "gate", "outcome", "value", "limit", "why"), rows))
    else:
        blocks.append(Note("No gate failed, and none that a release needs is open."))
    blocks += [Note(f"{one.label}: {line}") for one in labelled for line in _verified(one)]
    if any(_lacks_phone(one) for one in there):
        blocks.append(Note("The gates of devices need a phone.", command=ON_A_PHONE))
    if len(there) > 1:
        blocks.append(More("All gates side by side", [_matrix(there)]))
    return Section("gates", "Gates", blocks + [more for one in there for more in _folded(one)])


def _verified(one: LabelledReport) -> Iterator[str]:
    found = one.facts.verify
    if found and found.exit is not None:
        ended = EXITS.get(found.exit, f"exit code {found.exit}")
        yield f"last verified for {found.for_ or 'build'}, {moment(found.environment.time)}: {ended}."


def _lacks_phone(one: LabelledReport) -> bool:
    return not {*DEVICE} <= {gate.gate for gate in one.facts.gates if gate.outcome in (PASS, FAIL)}


def _stands_in_the_way(gate: GateFacts) -> bool:
    return gate.outcome in (FAIL, UNCHECKED) and bool(_release([gate]))


def _obstacles(one: LabelledReport) -> list[Row]:
    """Return what stands in the way, open gates of one reason together, failures first."""
    found: dict[tuple[str, str], list[GateFacts]] = {}
    for gate in sorted(one.facts.gates, key=lambda gate: gate.outcome != FAIL):
        if _stands_in_the_way(gate):
            found.setdefault((gate.outcome, gate.said), []).append(gate)
    rows = [_together(gates) for gates in found.values()]
    missing = [name for name in DEVICE if name not in {gate.gate for gate in one.facts.gates}]
    rows += [_open(", ".join(missing), "not run")] if missing else []
    return rows + [_open("gates", f"can't be read, {why}") for why in one.facts.broken("gates")]


def _together(gates: Sequence[GateFacts]) -> Row:
    first = gates[0]
    names, outcome = ", ".join(gate.gate for gate in gates), Cell(first.outcome, first.outcome)
    return [names, outcome, _number(first.value), _number(first.limit), first.said]


def _open(names: str, why: str) -> Row:
    return [names, Cell(UNCHECKED, UNCHECKED), NOTHING, NOTHING, why]


def _folded(one: LabelledReport) -> Iterator[More]:
    rest = [gate for gate in one.facts.gates if not _stands_in_the_way(gate)]
    passed = [gate for gate in rest if gate.outcome == PASS]
    others = [gate for gate in rest if gate.outcome != PASS]
    for gates, words in ((passed, "passed"), (others, "skipped, or not needed for a release")):
        if gates:
            title = f"{one.label}: {len(gates)} gate{'' if len(gates) == 1 else 's'} {words}"
            yield More(title, [_whole(title, gates)])


def _whole(caption: str, gates: Sequence[GateFacts]) -> Table:
    rows: list[Row] = [
        [gate.gate, Cell(gate.outcome, gate.outcome), _number(gate.value), _number(gate.limit), gate.said]
        for gate in gates
    ]
    return Table(caption, ("gate", "outcome", "value", "limit", "detail"), rows)


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
