"""`pocketrag report`: JSON reports side by side as one HTML file that opens from disk.

Of bundles, of devices and of releases.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from pocketrag import __version__
from pocketrag.errors import InputError
from pocketrag.formats import files
from pocketrag.formats.bundle_report import Report, manifest_sha256, read_report, report_file
from pocketrag.formats.facts.report import ReportFacts, ReportRow
from pocketrag.formats.manifest import MANIFEST
from pocketrag.html_templates import written

from .gates.standing import standing
from .page.answers_section import answers
from .page.blocks import Card, LabelledReport, Page, alone, render
from .page.gates_section import all_gates
from .page.history_section import environment, history, machine, order, size, when
from .page.ladder_section import ladder
from .page.latency_section import latency, memory
from .page.prediction_section import prediction
from .page.quality_section import agreement, quality
from .page.questions_section import questions
from .page.read_report import Sections
from .page.same_questions import warnings
from .page.tiles import card
from .page.training_section import training

#: The page from top to bottom, below the tiles.
SECTIONS = (
    all_gates,
    quality,
    questions,
    answers,
    ladder,
    latency,
    prediction,
    memory,
    size,
    agreement,
    training,
    history,
    environment,
)


def report(target: list[str], *, out: str | None = None) -> ReportFacts:
    """Write one HTML page about bundles or reports.

    Args:
        target: folders of bundles, whose reports lie beside them, or reports themselves.
        out: the page; by default it lies beside the first report, as NAME.report.html.

    Raises:
        InputError: a target has no report or a damaged one, two are the same file, or `out` can't be written.

    """
    read = [_locate(Path(name)) for name in target]
    _distinct(target, read)
    page = _page(out, read)
    labelled = label_reports([read_report(file) for file in read])
    cards = [card(one) for one in labelled]
    files.write_atomic(page, html(labelled))
    return ReportFacts(
        out=str(page),
        bytes=page.stat().st_size,
        reports=tuple(_row(found, one) for found, one in zip(cards, labelled, strict=True)),
    )


def _row(found: Card, one: LabelledReport) -> ReportRow:
    said = standing(one.facts.gates) if one.facts.gates else ""
    return ReportRow(report=found.label, outcome=found.kind, verdict=found.words, standing=said)


def html(labelled: Sequence[LabelledReport]) -> str:
    """Return the page of labelled reports, side by side."""
    title = ", ".join(one.label for one in labelled)
    # Most bundles have no generator, and nobody misses it there.
    sections = [made for section in SECTIONS if (made := section(labelled)).blocks]
    shown = sections if len(labelled) > 1 else [alone(section, labelled[0].label) for section in sections]
    cards = [card(one) for one in labelled]
    return render(Page(title, warnings(labelled), cards, shown, f"pocketrag {__version__}"))


def label_reports(reports: Sequence[Report]) -> list[LabelledReport]:
    """Put reports in the order of name, version and time, each with a label of its own."""
    ordered = sorted((LabelledReport("", 0, Sections(one)) for one in reports), key=order)
    labels = [_label(one) for one in ordered]
    for more in (_machine, _time):
        labels = [
            f"{label}, {more(one)}" if labels.count(label) > 1 else label
            for label, one in zip(labels, ordered, strict=True)
        ]
    seen: Counter[str] = Counter()
    for n, label in enumerate(labels):
        seen[label] += 1
        labels[n] = f"{label} ({seen[label]})" if seen[label] > 1 else label
    return [
        replace(one, label=label, series=n)
        for n, (one, label) in enumerate(zip(ordered, labels, strict=True))
    ]


def _label(one: LabelledReport) -> str:
    return written(f"{one.facts.report.name} {one.facts.report.version}")


def _machine(one: LabelledReport) -> str:
    phones = [device.name for device in one.facts.devices.values()]
    return ", ".join(phones) if phones else machine(when(one))


def _time(one: LabelledReport) -> str:
    return when(one).time or "at an unknown time"


def _locate(target: Path) -> Path:
    if not target.is_dir():
        if not target.is_file():
            raise InputError(f"{target}: no such file or folder; give a bundle or its NAME.report.json.")
        return target
    file, digest = report_file(target), manifest_sha256(target)
    if digest is None:
        raise InputError(
            f"{target}: not a bundle, {MANIFEST} is missing; give a bundle or its NAME.report.json."
        )
    if not file.is_file():
        raise InputError(
            f"{target}: no report lies beside it ({file.name}); run `pocketrag verify {target}` first."
        )
    if read_report(file).manifest_sha256 != digest:
        raise InputError(
            f"{file}: tells of another build of {target}; run `pocketrag verify {target}` first."
        )
    return file


def _distinct(target: Sequence[str], read: Sequence[Path]) -> None:
    found: dict[Path, str] = {}
    for name, file in zip(target, read, strict=True):
        whole = file.resolve()
        if whole in found:
            raise InputError(f"{name}: the same report as {found[whole]}; give each once.")
        found[whole] = name


def _page(out: str | None, read: Sequence[Path]) -> Path:
    page = Path(out) if out else read[0].with_suffix(".html")
    if page.is_dir():
        raise InputError(f"{page}: is a folder; give --out the name of a file.")
    if not page.parent.is_dir():
        raise InputError(f"{page}: the folder {page.parent} does not exist; make it first.")
    if page.resolve() in {file.resolve() for file in read}:
        raise InputError(f"{page}: is one of the reports; give --out another name.")
    return page
