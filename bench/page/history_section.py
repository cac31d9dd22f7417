"""What the page says about size, about successive releases, and about where everything was measured."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from pocketrag.formats.facts.phone.environment import EnvironmentFacts

from .bar_chart import Bar, draw
from .blocks import (
    NOTHING,
    Block,
    Figures,
    LabelledReport,
    Note,
    Section,
    Table,
    count,
    in_numbers,
    interval,
    megabytes,
    moment,
    ms,
    number,
    picture,
    signed,
)
from .read_report import NOWHERE

MODEL = "embedder.tflite"
#: Sections that carry an environment.
MEASURED = ("build", "verify", "latency", "parity", "prediction")


def size(labelled: Sequence[LabelledReport]) -> Section:
    """Return the size of each file, largest first."""
    there = [one for one in labelled if one.facts.report.files]
    if not there:
        return Section(
            "size",
            "Size",
            [Note("The sizes of the files are not known.", "missing", "pocketrag verify BUNDLE")],
        )
    names = sorted(
        {name for one in there for name in one.facts.report.files},
        key=lambda name: (-max(one.facts.report.files.get(name, 0) for one in there), name),
    )
    reach = max(bytes_ for one in there for bytes_ in one.facts.report.files.values()) / 1e6
    pictures = [picture(_files(one, names, reach)) for one in there]
    rows = [[name, *(_size(one.facts.report.files.get(name)) for one in there)] for name in names]
    rows.append(["total", *(megabytes(one.facts.report.bytes) for one in there)])
    return Section(
        "size",
        "Size by file",
        [
            Figures("Files of the bundle, MB (millions of bytes)", pictures),
            in_numbers(Table("Files of the bundle, MB", ("file", *(one.label for one in there)), rows)),
        ],
    )


def _files(one: LabelledReport, names: Sequence[str], reach: float) -> str:
    files = one.facts.report.files
    rows = [
        Bar(name, files[name] / 1e6, f"{megabytes(files[name])} MB", series=one.series)
        for name in names
        if name in files
    ]
    return draw(f"{one.label}: size of each file", [one.label, *rows], "MB", reach=reach)


def _size(bytes_: int | None) -> str:
    return NOTHING if bytes_ is None else megabytes(bytes_)


def history(labelled: Sequence[LabelledReport]) -> Section:
    """Return the releases of each bundle that has several reports, in the order of versions, then of time."""
    groups: dict[str, list[LabelledReport]] = {}
    for one in labelled:
        groups.setdefault(one.facts.report.name, []).append(one)
    blocks: list[Block] = []
    for name, releases in groups.items():
        if len(releases) > 1:
            blocks += [_pictures(name, releases), _table(name, releases)]
    if not blocks:
        text = (
            "One report of a bundle has no history. Keep the NAME.report.json of each release, "
            "and give them all."
        )
        blocks = [Note(text, "missing", "pocketrag report OLD.report.json NEW")]
    else:
        blocks.append(
            Note(
                "Times are comparable only where the machine is the same; measures only where "
                "the questions are."
            )
        )
    return Section("history", "History", blocks)


def _pictures(name: str, releases: Sequence[LabelledReport]) -> Figures:
    drawn = []
    for title, unit, value, write in TRACED:
        rows = [
            Bar(one.label, found, write(found), series=one.series)
            for one in releases
            if (found := value(one)) is not None
        ]
        if len(rows) > 1:
            drawn.append(picture(draw(f"{name}: {title}", [title, *rows], unit)))
    return Figures(f"{name}, from the first release to the last", drawn)


def _ndcg(one: LabelledReport) -> float | None:
    quality = one.facts.quality
    model = quality.shipped or quality.base if quality else None
    return model.ndcg_10 if model else None


def _whole(one: LabelledReport) -> float | None:
    runs = one.facts.latency.runs if one.facts.latency else []
    return next((run.questions.whole.median_ms for run in runs if run.questions.n is not None), None)


def _total(one: LabelledReport) -> float | None:
    return one.facts.report.bytes / 1e6 if one.facts.report.bytes else None


def _peak(one: LabelledReport) -> float | None:
    runs = one.facts.latency.runs if one.facts.latency else []
    return next((peak for run in runs if (peak := run.memory_mb.peak)), None)


Write = Callable[[float], str]
#: What is drawn over releases: its title, unit, where it lies, how it is written. Time and memory are those
#: of the first run.
TRACED: tuple[tuple[str, str, Callable[[LabelledReport], float | None], Write], ...] = (
    ("nDCG@10 as shipped, vectors alone", "", _ndcg, number),
    ("size of the bundle", "MB", _total, lambda value: f"{value:.1f} MB"),
    ("a whole answer on the host, median", "ms", _whole, lambda value: f"{ms(value)} ms"),
    ("most memory on the host", "MB", _peak, lambda value: f"{value:.0f} MB"),
)
COLUMNS = (
    "report",
    "verified",
    "commit",
    "machine",
    "ships",
    "nDCG@10",
    "against base",
    "95 % interval",
    "n",
    "MB",
    "answer, ms",
    "memory, MB",
)


def _table(name: str, releases: Sequence[LabelledReport]) -> Table:
    return Table(f"{name}: releases", COLUMNS, [_release(one) for one in releases])


def _release(one: LabelledReport) -> list[str]:
    facts, here = one.facts, when(one)
    row = facts.verdict.shipped if facts.verdict else None
    return [
        one.label,
        (here.time or NOTHING)[:10],
        _commit(here),
        machine(here),
        facts.verdict.ships if facts.verdict else NOTHING,
        number(_ndcg(one)),
        signed(row.difference if row else None),
        interval(row.interval if row else None, sign=True),
        count(row.n if row else None),
        megabytes(facts.report.bytes) if facts.report.bytes else NOTHING,
        ms(_whole(one)),
        number(_peak(one), 0),
    ]


def when(one: LabelledReport) -> EnvironmentFacts:
    """Return the environment of what was measured last.

    The order of reports of one version, and where most of it comes from.
    """
    found = [here for _, here in environments(one)]
    return max(found, key=lambda here: here.time or "", default=NOWHERE)


def order(one: LabelledReport) -> tuple[Any, ...]:
    """Return a key that sorts reports by name, version (1.9 before 1.10, 1.0-rc1 before 1.0) and time."""
    version, _, early = one.facts.report.version.partition("-")
    numbers = [int(part) for part in re.findall(r"\d{1,18}", version)]
    return one.facts.report.name, numbers, not early, early, when(one).time or ""


def environments(one: LabelledReport) -> Iterator[tuple[str, EnvironmentFacts]]:
    """Give each section that was measured, and where."""
    for name in MEASURED:
        if section := getattr(one.facts, name):
            yield name, section.environment
    for device in one.facts.devices.values():
        yield device.name, device.environment


def environment(labelled: Sequence[LabelledReport]) -> Section:
    """Return where and when each section was measured, and with which versions."""
    blocks: list[Block] = [
        Note(f"{one.label}: can't be read, {why}.", "warn") for one in labelled for why in _broken(one)
    ]
    rows = [[one.label, name, *_measured(here)] for one in labelled for name, here in environments(one)]
    if rows:
        columns = ("report", "section", "time", "machine", "cores", "memory, GB", "commit", "versions")
        blocks.append(Table("Where and when each section was measured", columns, rows))
    ids = [
        [
            one.label,
            one.facts.report.model_id,
            one.facts.report.base_model,
            one.facts.report.manifest_sha256 or NOTHING,
        ]
        for one in labelled
    ]
    blocks.append(Table("Of which bundle", ("report", "model", "base model", "SHA-256 of the manifest"), ids))
    return Section("environment", "Environment", blocks)


def _broken(one: LabelledReport) -> list[str]:
    return [why for section in ("build", "verify", "index") for why in one.facts.broken(section)]


def _measured(here: EnvironmentFacts) -> list[str]:
    versions = ", ".join(f"{name} {version}" for name, version in here.versions.items())
    return [
        moment(here.time),
        machine(here),
        str(here.machine.cores or NOTHING),
        str(here.machine.memory_gb or NOTHING),
        _commit(here),
        versions or NOTHING,
    ]


def machine(here: EnvironmentFacts) -> str:
    """Return processor, architecture and system in one line."""
    parts = (here.machine.processor, here.machine.architecture, here.machine.system)
    return ", ".join(part for part in parts if part) or NOTHING


def _commit(here: EnvironmentFacts) -> str:
    return f"{here.commit[:10]}{' with changes' if here.dirty else ''}" if here.commit else NOTHING
