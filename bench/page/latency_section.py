"""What the page says about time and memory.

On the host and on phones, as measured.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pocketrag.formats.facts.phone.device import DeviceFacts
from pocketrag.formats.facts.phone.latency import LatencySection, RunFacts, Times

from .bar_chart import Bar
from .bar_chart import draw as draw_bars
from .blocks import (
    NOTHING,
    Block,
    Figures,
    LabelledReport,
    Note,
    Section,
    Table,
    count,
    gathered,
    ms,
    number,
    picture,
)
from .xy_chart import Axis, Series, draw_lines

#: Lines of one picture that one can tell apart.
LINES = 9
#: How the name of a run begins that was not on a phone.
HOST = "host, "
#: Smaller times are not drawn: a logarithm of them would stretch the axis for nothing, milliseconds.
LEAST = 1e-6
PARTS = ("tokenize", "embed", "search", "whole")
SHARES = ("median_ms", "p90_ms", "p95_ms", "p99_ms")
STARTS = ("cold, open", "cold, first answer", "warm, open", "warm, first answer")
MEMORY = ("start", "open", "end", "peak")
#: What is said of a device that was not measured over a cable.
SENT = (
    "somebody sent its results in; by whom, when and how warm it was is not known, and nobody here "
    "measured it"
)
HOSTED = "a hosted device; with how many threads, how warm, and whether on a real phone is not told"


@dataclass(frozen=True)
class Shown:
    """Times of one length, milliseconds."""

    median: float | None
    p90: float | None
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
        blocks.append(
            Table("A question, from text to answer: median / 90th / 95th / 99th percentile", columns, asked)
        )
    starts = [[one.label, run.name, *_starts(run)] for one in labelled for run in _runs(one) if _started(run)]
    if starts:
        blocks.append(Table("Starting, ms", ("report", "run", *STARTS), starts))
    return Section("latency", "Latency", blocks)


def _devices_missing(labelled: Sequence[LabelledReport]) -> list[Block]:
    return gathered(
        labelled,
        "devices",
        "latency on a phone",
        "pocketrag verify BUNDLE --device all --benchmark-binary PATH",
    )


def _notes(one: LabelledReport) -> Iterator[Note]:
    for device in one.facts.devices.values():
        said = {
            "Android's emulator, not a phone: its times are no latency, and none is shown": (
                device.phone.emulated
            ),
            f"it got hot and slowed down (thermal status {_heat(device)})": device.throttled,
            "its times are uneven; something else ran": device.noisy,
            SENT: device.source == "sent",
            HOSTED: device.source == "ddp",
            device.trouble or "": device.trouble,
        }
        yield from (
            Note(f"{one.label}, {device.name}: {text}.", "warn") for text, true in said.items() if true
        )
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
        yield Note(
            f"{one.label}: the machine was busy while it was timed; the times are too uneven to rely on.",
            "warn",
        )
    for note in found.notes:
        yield Note(f"{one.label}: {note}.")


def _runs(one: LabelledReport) -> Sequence[RunFacts]:
    return one.facts.latency.runs if one.facts.latency else ()


def _rows(one: LabelledReport) -> Iterator[tuple[str, dict[int, Shown]]]:
    """Give what was timed, by its name: length in tokens -> times.

    Emulated processors are never among them.
    """
    for run in _runs(one):
        if run.lengths:
            yield (
                f"{HOST}{run.name}",
                {length: Shown(row.median_ms, row.p90_ms, row.p95_ms) for length, row in run.lengths.items()},
            )
    for device in _phones(one):
        kind = "" if any(row.median for row in device.latency_ms.values()) else " (mean)"
        times = {n: Shown(row.median or row.avg, None, row.p95) for n, row in device.latency_ms.items()}
        if times:
            yield f"{device.name}, {device.threads or '?'} threads{kind}", times


def _by_length(labelled: Sequence[LabelledReport], lengths: Sequence[int]) -> Table:
    rows = [
        [one.label, name, *(_spread(times.get(length)) for length in lengths)]
        for one in labelled
        for name, times in _rows(one)
    ]
    return Table(
        "Embedding one text, ms, by length in tokens: median (90th, 95th percentile)",
        ("report", "run", *map(str, lengths)),
        rows,
    )


def _spread(row: Shown | None) -> str:
    if row is None or row.median is None:
        return NOTHING
    if row.p90 is None and row.p95 is None:
        return ms(row.median)
    return f"{ms(row.median)} ({ms(row.p90)}, {ms(row.p95)})"


def _drawn(labelled: Sequence[LabelledReport], lengths: Sequence[int]) -> list[Block]:
    if len(lengths) < 2:
        return []
    pictures = [
        picture(_curves(one, lines, lengths)) for one in labelled if (lines := list(_lines(one))[:LINES])
    ]
    caption = "Embedding one text, median ms by length in tokens. Both axes are logarithmic"
    return [Figures(caption, pictures)] if pictures else []


def _curves(one: LabelledReport, lines: Sequence[Series], lengths: Sequence[int]) -> str:
    title = f"{one.label}: embedding one text"
    return draw_lines(title, lines, Axis("tokens", log=True, at=lengths), Axis(f"{one.label}: ms", log=True))


def _lines(one: LabelledReport) -> Iterator[Series]:
    # Phones first: of many lines the last are left to the table.
    rows = sorted(_rows(one), key=lambda row: row[0].startswith(HOST))
    for n, (name, times) in enumerate(rows):
        points = [
            (float(length), row.median)
            for length, row in sorted(times.items())
            if row.median is not None and row.median > LEAST
        ]
        if points:
            yield Series(name.removeprefix(HOST), points, n)


def _questions(one: LabelledReport) -> Iterator[list[str]]:
    for run in _runs(one):
        if run.questions.n is not None:
            yield [
                one.label,
                run.name,
                count(run.questions.n),
                *(_shares(getattr(run.questions, part)) for part in PARTS),
            ]
    for device in _phones(one):
        if device.mean_ms is not None:
            yield [one.label, device.name, NOTHING, NOTHING, f"{ms(device.mean_ms)} (mean)", NOTHING, NOTHING]


def _shares(row: Times) -> str:
    found = [getattr(row, share) for share in SHARES]
    return NOTHING if found[0] is None else " / ".join(ms(value) for value in found)


def _starts(run: RunFacts) -> list[str]:
    return [
        ms(time)
        for start in (run.cold_ms, run.warm_ms)
        for time in ((start.open, start.first) if start else (None, None))
    ]


def memory(labelled: Sequence[LabelledReport]) -> Section:
    """Return the resident memory of each report's runs and phones."""
    blocks: list[Block] = gathered(labelled, "latency", "memory", "pocketrag latency BUNDLE")
    rows = [(one, name, values) for one in labelled for name, values in _memory(one)]
    if rows:
        bars = [
            Bar(name, top, f"{top:.0f} MB", series=one.series)
            for one, name, values in rows
            if (top := _top(values))
        ]
        drawn = [picture(draw_bars("Most resident memory", bars, "MB"))] if bars else []
        blocks.append(Figures("Most resident memory of the process", drawn))
        table = [
            [one.label, name, *(number(values.get(key), 0) for key in MEMORY), _rest(values)]
            for one, name, values in rows
        ]
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
