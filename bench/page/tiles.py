"""The top of the page: may it ship, and the figures that everybody asks for first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pocketrag.formats.facts.measures import Means, Paired
from pocketrag.formats.facts.students import Rung

from .blocks import NOTHING, Card, LabelledReport, Tile, count, interval, megabytes, ms, number, signed
from .gates_section import decision, standing_of

#: Searching by what.
MODES = {
    "dense": "by vectors alone",
    "hybrid": "by vectors and full text together",
    "bm25": "by full text alone",
}
#: Role of a file -> what the tile calls it.
PARTS = {"embedder.tflite": "the model", "corpus.db": "the passages", "fallback.tflite": "the fallback"}


def card(one: LabelledReport) -> Card:
    """Return a report at a glance."""
    kind, words = decision(one)
    tiles = (_quality(one), _size(one), _time(one), _passages(one), _mode(one))
    return Card(one.label, kind, words, standing_of(one), tiles)


@dataclass(frozen=True)
class _Found:
    """How good what an app asks first is on the test questions."""

    means: Means | None
    against: Paired | None
    mode: str | None
    """In which `against` compares, where that is not the app's own."""


def main_rung(one: LabelledReport) -> Rung | None:
    """Return the main encoder's row of the ladder, where there is a ladder."""
    rungs = one.facts.ladder.rungs if one.facts.ladder else ()
    return next((rung for rung in rungs if rung.role == "main"), None)


def mode_of(one: LabelledReport) -> str | None:
    """Return how the app searches, as far as a report tells."""
    facts, rung = one.facts, main_rung(one)
    if rung:
        return rung.mode
    searched = facts.verdict.searched if facts.verdict else None
    fusion = facts.index.fusion if facts.index else None
    return facts.report.mode or (searched.mode if searched else None) or (fusion.mode if fusion else None)


def _found(one: LabelledReport) -> _Found:
    rung, verdict = main_rung(one), one.facts.verdict
    shipped = one.facts.quality.shipped if one.facts.quality else None
    if rung and rung.kind != "full":
        return _Found(rung.modes.get(rung.mode), rung.against_base, "dense")
    mode = mode_of(one)
    means: Means | None = (shipped.modes or {}).get(mode or "", shipped) if shipped else None
    for row, said in ((verdict.searched, None), (verdict.shipped, "dense")) if verdict else ():
        if row is not None and row.difference is not None:
            return _Found(means, row, said)
    return _Found(means, None, None)


def _quality(one: LabelledReport) -> Tile:
    found, lines = _found(one), []
    if found.against and found.against.difference is not None:
        how = f" {MODES[found.mode]}" if found.mode and mode_of(one) != found.mode else ""
        ends = interval(found.against.interval, sign=True, digits=3)
        lines.append(f"{signed(found.against.difference, 3)} against the base{how} (95\u00a0%: {ends})")
    if found.means:
        lines.append(f"n = {count(found.means.n)} test questions{_first_ten(found.means)}")
    value = number(found.means.ndcg_10 if found.means else None, 3)
    return Tile("Quality, nDCG@10", value, lines or ["not measured"])


def _first_ten(means: Means) -> str:
    if means.hit_10 is None:
        return ""
    return f"; {means.hit_10:.0%} have a right passage in the first 10"


def _size(one: LabelledReport) -> Tile:
    report = one.facts.report
    lines = [
        f"{name} {megabytes(report.files[file])}" for file, name in PARTS.items() if file in report.files
    ]
    value = f"{megabytes(report.bytes)} MB" if report.bytes else NOTHING
    return Tile("Size", value, [f"of it {', '.join(lines)}"] if lines else [])


def _time(one: LabelledReport) -> Tile:
    measured, predicted = list(_measured(one)), list(_predicted(one))
    if measured:
        first, *more = measured
        return Tile("Time a question", first[0], [first[1], *(" ".join(row) for row in (*more, *predicted))])
    if predicted:
        return Tile("Time a question", predicted[0][0], [predicted[0][1], "measured nowhere"])
    return Tile("Time a question", NOTHING, ["not measured"])


def _measured(one: LabelledReport) -> Iterator[tuple[str, str]]:
    """Give times that were measured: on a phone first, then here."""
    for device in one.facts.devices.values():
        if not device.phone.emulated and device.mean_ms is not None:
            yield f"{ms(device.mean_ms)} ms", f"mean of the model alone on {device.name}"
            break
    runs = one.facts.latency.runs if one.facts.latency else ()
    rung = main_rung(one)
    for run in runs:
        if run.questions.whole.median_ms is not None:
            yield f"{ms(run.questions.whole.median_ms)} ms", f"median on the host ({run.name}), not a phone"
            return
    if rung and rung.here:
        yield f"{ms(rung.here.ms)} ms", "median on the machine that built, not a phone"


def _predicted(one: LabelledReport) -> Iterator[tuple[str, str]]:
    if rung := main_rung(one):
        said = rung.predicted
        yield f"≈ {ms(said.ms)} ms", f"predicted for the model alone on {said.device}"


def _passages(one: LabelledReport) -> Tile:
    facts = one.facts
    found = facts.report.passages
    if found is None and facts.index:
        found = facts.index.passages
    longer = facts.index.over_length if facts.index else None
    cut = [f"{count(longer)} too long for the model, so cut"] if longer else []
    return Tile("Passages", count(found), cut)


def _mode(one: LabelledReport) -> Tile:
    mode = mode_of(one)
    return Tile("Search mode", mode or NOTHING, [MODES[mode]] if mode in MODES else [])
