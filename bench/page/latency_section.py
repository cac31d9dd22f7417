"""What the page says about time and memory: on the host and on phones as measured, on other phones as predicted and said so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pocketrag.formats.facts.device import DeviceFacts
from pocketrag.formats.facts.latency import LatencySection, RunFacts, Times
from pocketrag.formats.facts.prediction import Fitted, PredictedTime, PredictionFacts, Unfitted

from .bar_chart import Bar, cut
from .bar_chart import draw as draw_bars
from .blocks import (
    NOTHING,
    Block,
    Cell,
    Figures,
    LabelledReport,
    More,
    Note,
    Section,
    Table,
    count,
    gathered,
    ms,
    number,
    picture,
)
from .line_chart import Line, decades
from .line_chart import draw as draw_lines

#: Lines of one picture, as `plot` tells them apart.
LINES = 3
#: Characters of its title, and of the name at a line's end: what there is room for.
TITLE, ENDING = 36, 10
PARTS = ("tokenize", "embed", "search", "whole")
SHARES = ("median_ms", "p95_ms", "p99_ms")
STARTS = ("cold, open", "cold, first answer", "warm, open", "warm, first answer")
MEMORY = ("start", "open", "end", "peak")
#: Times the limit where a prediction's axis ends: beyond it nobody asks by how much.
BEYOND = 4


@dataclass(frozen=True)
class Shown:
    """Times of one length, milliseconds."""

    median: float | None
    p95: float | None


def latency(labelled: Sequence[LabelledReport]) -> Section:
    """Return the times of each report: by length, of whole questions, of starting."""
    blocks: list[Block] = gathered(labelled, "latency", "latency on a host", "pocketrag latency BUNDLE")
    blocks += _devices_missing(labelled)
    blocks += [note for one in labelled for note in _notes(one)]
    lengths = sorted({length for one in labelled for _, row in _rows(one) for length in row})
    if lengths:
        blocks += [*_drawn(labelled, lengths), _by_length(labelled, lengths)]
    asked = [row for one in labelled for row in _questions(one)]
    if asked:
        columns = ("report", "run", "n", *(f"{part}, ms" for part in PARTS))
        blocks.append(Table("A question, from text to answer: median / 95th / 99th percentile", columns, asked))
    starts = [[one.label, run.name, *_starts(run)] for one in labelled for run in _runs(one) if _started(run)]
    if starts:
        blocks.append(Table("Starting, ms", ("report", "run", *STARTS), starts))
    return Section("latency", "Latency", blocks)


def _devices_missing(labelled: Sequence[LabelledReport]) -> list[Block]:
    return gathered(labelled, "devices", "latency on a phone", "pocketrag verify BUNDLE --device all --benchmark-binary PATH")


def _notes(one: LabelledReport) -> Iterator[Note]:
    for device in one.facts.devices.values():
        said = {
            "Android's emulator, not a phone: its times are no latency, and none is shown": device.phone.emulated,
            f"it got hot and slowed down (thermal status {_heat(device)})": device.throttled,
            "its times are uneven; something else ran": device.noisy,
            device.trouble or "": device.trouble,
        }
        yield from (Note(f"{one.label}, {device.name}: {text}.", "warn") for text, true in said.items() if true)
    if found := one.facts.latency:
        yield from _host(one, found)


def _started(run: RunFacts) -> bool:
    return any(start.open is not None for start in (run.cold_ms, run.warm_ms) if start)


def _heat(device: DeviceFacts) -> str:
    states = (state.thermal_status for state in (device.before, device.after))
    first, last = ("unknown" if status is None else status for status in states)
    return f"{first} before, {last} after"


def _phones(one: LabelledReport) -> list[DeviceFacts]:
    return [device for device in one.facts.devices.values() if not device.phone.emulated]


def _host(one: LabelledReport, found: LatencySection) -> Iterator[Note]:
    processor = found.environment.machine.processor or found.environment.machine.architecture or "unknown"
    yield Note(f"{one.label}: host times are those of {processor}, not of a phone.")
    if found.noisy:
        yield Note(f"{one.label}: the machine was busy while it was timed; the times are too uneven to rely on.", "warn")
    for note in found.notes:
        yield Note(f"{one.label}: {note}.")


def _runs(one: LabelledReport) -> Sequence[RunFacts]:
    return one.facts.latency.runs if one.facts.latency else ()


def _rows(one: LabelledReport) -> Iterator[tuple[str, dict[int, Shown]]]:
    """Give what was timed, by its name: length in tokens -> times. Emulated processors are never among them."""
    for run in _runs(one):
        if run.lengths:
            yield f"host, {run.name}", {length: Shown(row.median_ms, row.p95_ms) for length, row in run.lengths.items()}
    for device in _phones(one):
        kind = "" if any(row.median for row in device.latency_ms.values()) else " (mean)"
        times = {n: Shown(row.median or row.avg, row.p95) for n, row in device.latency_ms.items()}
        if times:
            yield f"{device.name}, {device.threads or '?'} threads{kind}", times


def _by_length(labelled: Sequence[LabelledReport], lengths: Sequence[int]) -> Table:
    rows = [
        [one.label, name, *(_spread(times.get(length)) for length in lengths)] for one in labelled for name, times in _rows(one)
    ]
    return Table(
        "Embedding one text, ms, by length in tokens: median (95th percentile)", ("report", "run", *map(str, lengths)), rows
    )


def _spread(row: Shown | None) -> str:
    if row is None or row.median is None:
        return NOTHING
    return ms(row.median) if row.p95 is None else f"{ms(row.median)} ({ms(row.p95)})"


def _drawn(labelled: Sequence[LabelledReport], lengths: Sequence[int]) -> list[Block]:
    panels = {(one.label, kind): lines for one in labelled for kind, lines in _panels(one).items()}
    values = [y for lines in panels.values() for line in lines.values() for _, y in line]
    if not values or len(lengths) < 2:
        return []
    pictures = [
        picture(draw_lines({cut(f"{label}: {kind}", TITLE): lines}, "tokens", lengths, decades(values)))
        for (label, kind), lines in panels.items()
    ]
    return [Figures("Embedding one text, median ms by length. Both axes are logarithmic, and the same in all pictures.", pictures)]


def _panels(one: LabelledReport) -> dict[str, dict[str, Line]]:
    panels: dict[str, dict[str, Line]] = {}
    for name, times in _rows(one):
        kind, _, line = name.removeprefix("host, ").partition(", ")
        points = [(length, row.median) for length, row in sorted(times.items()) if row.median and length > 0]
        lines = panels.setdefault(kind, {})
        if points and len(lines) < LINES:
            lines[cut(line or "mean", ENDING)] = points
    return {kind: lines for kind, lines in panels.items() if lines}


def _questions(one: LabelledReport) -> Iterator[list[str]]:
    for run in _runs(one):
        if run.questions.n is not None:
            yield [one.label, run.name, count(run.questions.n), *(_shares(getattr(run.questions, part)) for part in PARTS)]
    for device in _phones(one):
        if device.mean_ms is not None:
            yield [one.label, device.name, NOTHING, NOTHING, f"{ms(device.mean_ms)} (mean)", NOTHING, NOTHING]


def _shares(row: Times) -> str:
    found = [getattr(row, share) for share in SHARES]
    return NOTHING if found[0] is None else " / ".join(ms(value) for value in found)


def _starts(run: RunFacts) -> list[str]:
    return [ms(time) for start in (run.cold_ms, run.warm_ms) for time in ((start.open, start.first) if start else (None, None))]


def memory(labelled: Sequence[LabelledReport]) -> Section:
    """Return the resident memory of each report's runs and phones."""
    blocks: list[Block] = gathered(labelled, "latency", "memory", "pocketrag latency BUNDLE")
    rows = [(one, name, values) for one in labelled for name, values in _memory(one)]
    if rows:
        bars = [Bar(name, top, f"{top:.0f} MB", series=one.series) for one, name, values in rows if (top := _top(values))]
        drawn = [picture(draw_bars("Most resident memory", bars, "MB"))] if bars else []
        blocks.append(Figures("Most resident memory of the process", drawn))
        table = [[one.label, name, *(number(values.get(key), 0) for key in MEMORY), _rest(values)] for one, name, values in rows]
        blocks.append(Table("Resident memory, MB", ("report", "run", *MEMORY, "other"), table))
    return Section("memory", "Memory", blocks)


def _memory(one: LabelledReport) -> Iterator[tuple[str, dict[str, float | None]]]:
    for run in _runs(one):
        resident = {key: getattr(run.memory_mb, key) for key in MEMORY}
        if any(value is not None for value in resident.values()):
            yield run.name, resident
    for device in _phones(one):
        if device.memory_mb:
            yield device.name, {f"{length} tokens": value for length, value in device.memory_mb.items()}


def _top(values: dict[str, float | None]) -> float | None:
    return values.get("peak") or max((value for value in values.values() if value is not None), default=None)


def _rest(values: dict[str, float | None]) -> str:
    rest = {key: value for key, value in values.items() if key not in MEMORY}
    return ", ".join(f"{key}: {number(value, 0)}" for key, value in rest.items())


def prediction(labelled: Sequence[LabelledReport]) -> Section:
    """Return what is predicted, and on which assumptions: never a measurement, never a pass."""
    blocks: list[Block] = gathered(labelled, "prediction", "prediction", "pocketrag latency BUNDLE --predict")
    found = [(one, one.facts.prediction) for one in labelled if one.facts.prediction and one.facts.prediction.rows]
    if found:
        blocks.insert(0, Note("Predicted, not measured. A prediction is never a pass.", "warn"))
    for one, predicted in found:
        pictures = _pictures(one, predicted)
        blocks += [pictures if len(found) == 1 else More(f"{one.label}: pictures", [pictures]), _table(one, predicted)]
        notes: list[Table | Note] = [Note(line) for line in predicted.assumes]
        blocks.append(More(f"{one.label}: what the prediction stands on, and its errors", [*notes, *_fit(predicted)]))
    return Section("prediction", "Prediction", blocks)


def _pictures(one: LabelledReport, predicted: PredictionFacts) -> Figures:
    reach = max(row.high_ms or row.ms for row in predicted.rows)
    most = predicted.limit_ms * BEYOND if predicted.limit_ms else None
    pictures = []
    for name, rows in _by_device(predicted).items():
        bars = [Bar(_length(row.length), row.ms, _predicted(row), _ends(row), one.series, predicted=True) for row in rows]
        pictures.append(picture(draw_bars(f"{name}: predicted ms", [name, *bars], "ms", predicted.limit_ms, reach, most)))
    limit = f" The dashed line is the limit, {predicted.limit_ms:g} ms." if predicted.limit_ms else ""
    return Figures(f"{one.label}: predicted time of embedding one text, with the interval of the prediction.{limit}", pictures)


def _by_device(predicted: PredictionFacts) -> dict[str, list[PredictedTime]]:
    rows: dict[str, list[PredictedTime]] = {}
    for row in sorted(predicted.rows, key=lambda row: _place(row.length)):
        rows.setdefault(f"{row.device} ({row.soc})" if row.soc else row.device, []).append(row)
    return rows


def _table(one: LabelledReport, predicted: PredictionFacts) -> Table:
    lengths = sorted({row.length for row in predicted.rows}, key=_place)
    rows = []
    for name, there in _by_device(predicted).items():
        by_length = {row.length: row for row in there}
        rows.append([name, *(_meets(by_length.get(length)) for length in lengths)])
    limit = f", and whether it meets {predicted.limit_ms:g} ms" if predicted.limit_ms else ""
    return Table(f"{one.label}: predicted ms by length (interval){limit}", ("device", *map(_length, lengths)), rows)


def _place(length: int | str) -> tuple[bool, int]:
    # What is not a number of tokens comes last.
    return isinstance(length, str), 0 if isinstance(length, str) else length


def _length(length: int | str) -> str:
    return length if isinstance(length, str) else f"{length} tokens"


def _fit(predicted: PredictionFacts) -> list[Table]:
    columns = ("phone", "SoC", "model", "tokens", "measured, ms", "predicted, ms", "error", "from other SoCs, ms", "source")
    captions: dict[str, Sequence[Fitted | Unfitted]] = {
        "Published times that it is fitted to": predicted.fit.points,
        "Published times that no fit saw": predicted.fit.checks,
    }
    return [Table(caption, columns, [_point(point) for point in points]) for caption, points in captions.items() if points]


def _point(point: Fitted | Unfitted) -> list[str]:
    error = NOTHING if point.error is None else f"{point.error:+.0%}"
    others = point.soc_left_out_ms if isinstance(point, Fitted) else None
    times = [ms(point.measured_ms), ms(point.predicted_ms), error, ms(others)]
    return [*(word or "" for word in (point.device, point.soc, point.model)), count(point.length), *times, point.source or ""]


def _meets(row: PredictedTime | None) -> str | Cell:
    if row is None:
        return NOTHING
    word = {True: "meets", False: "misses", None: "perhaps"}[row.meets]
    # Grey whatever it says: a colour of a pass is for what was measured.
    return Cell(f"{_predicted(row)} {word}".strip(), "predicted")


def _predicted(row: PredictedTime) -> str:
    ends = _ends(row)
    return f"≈ {ms(row.ms)}" + (f" ({ms(ends[0])} to {ms(ends[1])})" if ends else "")


def _ends(row: PredictedTime) -> tuple[float, float] | None:
    return None if row.low_ms is None or row.high_ms is None else (row.low_ms, row.high_ms)
