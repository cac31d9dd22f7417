"""The tables of the bench: gates, parity, latency here and on phones, predictions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pocketrag.console import out, table
from pocketrag.formats.facts.outcome import GateFacts

Facts = Mapping[str, Any]

#: Exit code of `verify` -> what it means.
WORDS = {0: "all required gates pass", 1: "a gate fails: do not ship this", 4: "a required gate could not be checked"}
MEETS = {True: "yes", False: "no", None: "perhaps"}
PARTS = ("tokenize", "embed", "search", "whole")


def show_gates(gates: list[dict[str, Any]]) -> None:
    """Print gates with what was measured and the limit."""
    found = [GateFacts.read(gate) for gate in gates]
    rows = [(one.gate, one.outcome, one.value, one.limit, one.said) for one in found]
    table("", ("gate", "outcome", "value", "limit", "detail"), rows)


def show_verify(facts: Facts) -> None:
    """Print all gates, and what that means."""
    show_gates(facts["gates"])
    if "prediction" in facts:
        out.print()
        show_prediction(facts["prediction"])
    out.print(f"\n{facts['bundle']}, for {facts['for']}: {WORDS[facts['exit']]}", markup=False)


def show_parity(facts: Facts) -> None:
    """Print what ships beside its float twin."""
    rows = [("all", *_agreement(facts["cosine"])), *((size, *_agreement(row)) for size, row in facts["by_length"].items())]
    out.print(f"{facts['target']} against {facts['embedder']} in float32", markup=False)
    table("", ("tokens", "texts", "mean cosine", "least"), rows)
    out.print()
    show_gates(facts["gates"])
    out.print(f"\n{WORDS[facts['exit']]}", markup=False)


def show_latency(facts: Facts) -> None:
    """Print times and memory: of this machine, of phones, or predicted."""
    if "runs" in facts:
        _here(facts)
    for serial, phone in facts.get("devices", {}).items():
        _phone(serial, phone)
    if "gates" in facts:
        show_gates(facts["gates"])
    if "prediction" in facts:
        show_prediction(facts["prediction"])


def show_prediction(facts: Facts) -> None:
    """Print predicted times, and how far off the prediction is where something was measured."""
    lengths = list(dict.fromkeys(str(row["length"]) for row in facts["rows"]))
    cells: dict[tuple[str, str], dict[str, str]] = {}
    for row in facts["rows"]:
        cell = f"{row['ms']:.0f} ({row['low_ms']:.0f} to {row['high_ms']:.0f}) {MEETS[row['meets']]}"
        cells.setdefault((row["device"], row["soc"]), {})[str(row["length"])] = cell
    title = f"PREDICTION, not a measurement: ms by tokens, {facts['threads']} threads; under {facts['limit_ms']:g} ms?"
    table(title, ("device", "SoC", *lengths), [(*key, *(row.get(size, "") for size in lengths)) for key, row in cells.items()])
    points = facts["fit"]["points"]
    rows = [(p["device"], p["length"], p["measured_ms"], p["left_out_ms"], f"{p['error']:+.0%}") for p in points]
    columns = ("device", "tokens", "measured ms", "predicted from the others", "error")
    table("\npublished measurements, each predicted from the others", columns, rows)
    for sentence in facts["assumes"]:
        out.print(f"· {sentence}", markup=False)


def _agreement(row: Facts) -> tuple[Any, ...]:
    return row["n"], row["mean"], row["least"]


def _here(facts: Facts) -> None:
    names = ("runtime", "threads")
    lengths = list(facts["runs"][0]["lengths"])
    rows = [(*(run[n] for n in names), *(_spread(run["lengths"][size]) for size in lengths)) for run in facts["runs"]]
    table(f"{facts['bundle']}: one text of so many tokens, ms, median (95 %, 99 %)", (*names, *lengths), rows)
    asked = facts["runs"][0]["questions"]
    rows = [(*(run[n] for n in names), *(_spread(run["questions"][part]) for part in PARTS)) for run in facts["runs"]]
    table(f"\n{asked['n']} real questions, {asked['mode']}, ms, median (95 %, 99 %)", (*names, *PARTS), rows)
    columns = (*names, "cold: open", "first answer", "warm: open", "first answer", "MB before", "open", "at most")
    table(
        "\nstart in ms, resident memory in MB (before: Python and its libraries)", columns, [_start(run) for run in facts["runs"]]
    )
    out.print()
    for note in facts["notes"]:
        out.print(f"· {note}", markup=False)


def _start(run: Facts) -> tuple[Any, ...]:
    cold, warm, memory = run["cold_ms"] or {}, run["warm_ms"], run["memory_mb"]
    times = (_number(row.get(key)) for row in (cold, warm) for key in ("open", "first"))
    return run["runtime"], run["threads"], *times, *(_number(memory[key]) for key in ("start", "open", "peak"))


def _phone(serial: str, phone: Facts) -> None:
    known = phone.get("phone", {})
    about = (known.get("manufacturer"), known.get("model"), known.get("soc"), f"Android {known.get('android')}")
    out.print(f"{serial}: {', '.join(str(word) for word in about if word)}, {phone['threads']} threads", markup=False)
    rows = [(size, *(row.get(key) for key in ("avg", "median", "p95", "max"))) for size, row in phone["latency_ms"].items()]
    table("", ("tokens", "mean ms", "median", "95 %", "max"), rows)
    out.print()


def _spread(row: Facts) -> str:
    return f"{row['median_ms']:.1f} ({row['p95_ms']:.1f}, {row['p99_ms']:.1f})"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"
