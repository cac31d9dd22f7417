"""The tables of the bench: gates, parity, latency here and on phones, predictions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from pocketrag.console import out, table
from pocketrag.formats.facts.measures import CosineOfTexts
from pocketrag.formats.facts.outcome import GateFacts
from pocketrag.formats.facts.parity import ParityFacts
from pocketrag.formats.facts.phone.device import SAID, DeviceFacts
from pocketrag.formats.facts.phone.latency import LatencyFacts, RunFacts, Times
from pocketrag.formats.facts.phone.prediction import PredictionFacts
from pocketrag.formats.facts.verify import VerifyFacts

#: Exit code of `verify` -> what it means.
WORDS = {
    0: "all required gates pass",
    1: "a gate fails: do not ship this",
    4: "a required gate could not be checked",
}
MEETS = {True: "yes", False: "no", None: "perhaps"}
PARTS = ("tokenize", "embed", "search", "whole")


def show_gates(gates: Sequence[GateFacts]) -> None:
    """Print gates with what was measured and the limit."""
    rows = [(gate.gate, gate.outcome, gate.value, gate.limit, gate.said) for gate in gates]
    table("", ("gate", "outcome", "value", "limit", "detail"), rows)


def show_open_gates(gates: Sequence[GateFacts]) -> None:
    """Print the gates that fail or could not be checked, and how many others there are."""
    open_ = [gate for gate in gates if gate.outcome in ("fail", "unchecked")]
    if open_:
        show_gates(open_)
    counts = Counter(gate.outcome for gate in gates)
    out.print(
        f"{counts['pass']} gates pass, {counts['skipped']} are skipped: `pocketrag verify` lists them.",
        markup=False,
    )


def show_verify(facts: VerifyFacts) -> None:
    """Print all gates, and what that means."""
    show_gates(facts.gates)
    if facts.prediction:
        out.print()
        show_prediction(facts.prediction)
    out.print(f"\n{facts.bundle}, for {facts.for_}: {WORDS[facts.exit]}", markup=False)
    out.print(str(facts.standing), markup=False)


def show_parity(facts: ParityFacts) -> None:
    """Print what ships beside its reference model."""
    rows = [
        ("all", *_agreement(facts.cosine)),
        *((str(size), *_agreement(row)) for size, row in facts.by_length.items()),
    ]
    out.print(f"{facts.target} against {facts.embedder} in float32", markup=False)
    table("", ("tokens", "texts", "mean cosine", "least"), rows)
    out.print()
    show_gates(facts.gates)
    out.print(f"\n{WORDS[facts.exit]}", markup=False)


def show_latency(facts: LatencyFacts) -> None:
    """Print times and memory: of this machine, of phones, or predicted."""
    if facts.runs:
        _here(facts)
    for serial, phone in (facts.devices or {}).items():
        _phone(serial, phone)
    if facts.gates is not None:
        show_gates(facts.gates)
    if facts.prediction:
        show_prediction(facts.prediction)


def show_prediction(facts: PredictionFacts) -> None:
    """Print predicted times, and how far off the prediction is where something was measured."""
    lengths = list(dict.fromkeys(str(row.length) for row in facts.rows))
    cells: dict[tuple[str, str], dict[str, str]] = {}
    for row in facts.rows:
        cell = f"{row.ms:.0f} ({row.low_ms:.0f} to {row.high_ms:.0f}) {MEETS[row.meets]}"
        cells.setdefault((row.device, row.soc), {})[str(row.length)] = cell
    title = (
        f"PREDICTION, not a measurement: ms by tokens, {facts.threads} threads; under {facts.limit_ms:g} ms?"
    )
    table(
        title,
        ("device", "SoC", *lengths),
        [(*key, *(row.get(size, "") for size in lengths)) for key, row in cells.items()],
    )
    rows = [(p.device, p.length, p.measured_ms, p.left_out_ms, f"{p.error:+.0%}") for p in facts.fit.points]
    columns = ("device", "tokens", "measured ms", "predicted from the others", "error")
    table("\npublished measurements, each predicted from the others", columns, rows)
    for sentence in facts.assumes:
        out.print(f"· {sentence}", markup=False)


def _agreement(row: CosineOfTexts) -> tuple[object, ...]:
    return row.n, row.mean, row.least


def _here(facts: LatencyFacts) -> None:
    names, first = ("runtime", "threads"), facts.runs[0]
    lengths = list(first.lengths)
    rows = [(*_name(run), *(_spread(run.lengths[size]) for size in lengths)) for run in facts.runs]
    table(
        f"{facts.bundle}: one text of so many tokens, ms, median (90 %, 95 %, 99 %)",
        (*names, *map(str, lengths)),
        rows,
    )
    rows = [(*_name(run), *(_spread(getattr(run.questions, part)) for part in PARTS)) for run in facts.runs]
    asked = first.questions
    table(f"\n{asked.n} real questions, {asked.mode}, ms, median (90 %, 95 %, 99 %)", (*names, *PARTS), rows)
    columns = (
        *names,
        "cold: open",
        "first answer",
        "warm: open",
        "first answer",
        "MB before",
        "open",
        "at most",
    )
    title = "\nstart in ms, resident memory in MB (before: Python and its libraries)"
    table(title, columns, [(*_name(run), *_start(run)) for run in facts.runs])
    out.print()
    for note in facts.notes:
        out.print(f"· {note}", markup=False)


def _name(run: RunFacts) -> tuple[str, int]:
    return run.runtime, run.threads


def _start(run: RunFacts) -> list[str]:
    cold = (run.cold_ms.open, run.cold_ms.first) if run.cold_ms else (None, None)
    memory = run.memory_mb
    return [
        _number(value)
        for value in (*cold, run.warm_ms.open, run.warm_ms.first, memory.start, memory.open, memory.peak)
    ]


def _phone(serial: str, device: DeviceFacts) -> None:
    known = device.phone
    android = f"Android {known.android}" if known.android else None
    threads = f"{device.threads or 'an unknown number of'} threads"
    about = (known.manufacturer, known.model, known.soc, android, device.accelerator.upper(), threads)
    said = SAID.get(device.source, "")
    out.print(f"{serial}: {', '.join(word for word in about if word)}{said}", markup=False)
    rows = [(size, row.avg, row.median, row.p95, row.max) for size, row in device.latency_ms.items()]
    table("", ("tokens", "mean ms", "median", "95 %", "max"), rows)
    out.print()


def _spread(row: Times) -> str:
    shares = (row.p90_ms, row.p95_ms, row.p99_ms)
    return f"{row.median_ms:.1f} ({', '.join(map(_number, shares))})"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"
