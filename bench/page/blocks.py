"""What a page is made of (sections of tables, pictures, notes) and how it becomes one HTML file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from markupsafe import Markup

from pocketrag.formats.facts.outcome import OutcomeWord
from pocketrag.html_templates import environment, written

from .read_report import Sections

TEMPLATES = Path(__file__).with_name("templates")
#: Characters from which a cell is broken into lines.
LONG = 24
#: What stands at the right of a column: a number, and whatever is said of it after a space.
NUMBER = re.compile(r"[+-]?[\d.,]+( |$)")
#: Written where there is no value.
NOTHING = "–"


@dataclass(frozen=True)
class LabelledReport:
    """One report among those that a page lays side by side."""

    label: str
    """No other has the same."""
    series: int
    """Its place, and so its colour in pictures."""
    facts: Sections


@dataclass(frozen=True)
class Cell:
    """A cell with a meaning of its own."""

    text: str
    kind: str
    """The outcome that it stands for: pass, fail, unchecked or skipped."""


Row = Sequence[str | Cell]


@dataclass(frozen=True)
class Table:
    """Rows under column names; the first cell of a row is its name."""

    caption: str
    columns: Sequence[str]
    rows: Sequence[Row]
    block: str = "table"

    @property
    def shown(self) -> list[int]:
        """The columns that say something: the first, and those that any row has a value in."""
        return [n for n in range(len(self.columns)) if not n or any(map(_said, self._texts(n)))]

    def kind(self, column: int) -> str:
        """Return "number" for a column of numbers, "long" for one of sentences, else nothing."""
        texts = self._texts(column)
        if all(text == NOTHING or NUMBER.match(text) for text in texts):
            return "number"
        return "long" if max(map(len, texts)) > LONG else ""

    def _texts(self, column: int) -> list[str]:
        cells = (row[column] for row in self.rows)
        return [cell.text if isinstance(cell, Cell) else cell for cell in cells]


@dataclass(frozen=True)
class Figures:
    """Pictures beside each other, where there is room."""

    caption: str
    pictures: Sequence[Markup]
    block: str = "figures"


@dataclass(frozen=True)
class Note:
    """A sentence or two; `kind` is note, warn or missing."""

    text: str
    kind: str = "note"
    command: str | None = None
    """What to run."""
    block: str = "note"


@dataclass(frozen=True)
class More:
    """Blocks that are folded away until somebody asks."""

    title: str
    blocks: Sequence[Table | Figures | Note]
    block: str = "more"


Block = Table | Figures | Note | More


@dataclass(frozen=True)
class Section:
    """A heading and what follows it."""

    id: str
    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Tile:
    """One figure at the top, with what it says in small print."""

    name: str
    value: str
    lines: Sequence[str] = ()


@dataclass(frozen=True)
class Card:
    """One report at a glance: whether it may ship, and the figures that everybody asks for."""

    label: str
    kind: OutcomeWord
    words: str
    lines: Sequence[str]
    tiles: Sequence[Tile] = ()


@dataclass(frozen=True)
class Page:
    """All that a page says."""

    title: str
    warnings: Sequence[str]
    """Said above all else."""
    cards: Sequence[Card]
    sections: Sequence[Section]
    footer: str


def render(page: Page) -> str:
    """Return the page as HTML: all text escaped, no script, nothing fetched."""
    return written(environment(TEMPLATES).get_template("report.html.jinja").render(page=page))


def picture(svg: str) -> Markup:
    """Return a picture that goes into the page as it is: what draws it escapes every text in it."""
    return Markup(svg)  # noqa: S704


def in_numbers(table: Table) -> More:
    """Return the table of what a picture shows, folded: for those who need the numbers or see no pictures."""
    return More(f"{table.caption}: the numbers", [table])


def _said(text: str) -> bool:
    return text not in ("", NOTHING)


def unreadable(one: LabelledReport, *sections: str) -> list[Note]:
    """Return a note for each of these sections that can't be read."""
    broken = (why for section in sections for why in one.facts.broken(section))
    return [Note(f"{one.label}: can't be read, {why}.", "warn") for why in broken]


def gathered(labelled: Iterable[LabelledReport], section: str, what: str, command: str) -> list[Block]:
    """Return a note for each report whose section is not readable, and one for those that have none."""
    notes: list[Block] = []
    absent = []
    for one in labelled:
        notes += (broken := unreadable(one, section))
        if not broken and not getattr(one.facts, section):
            absent.append(one.label)
    if absent:
        notes.append(Note(f"{', '.join(absent)}: {what} not measured.", "missing", command))
    return notes


def number(value: float | None, digits: int = 4) -> str:
    """Write a number."""
    return NOTHING if value is None else f"{value:.{digits}f}"


def signed(value: float | None, digits: int = 4) -> str:
    """Write a difference."""
    return NOTHING if value is None else f"{value:+.{digits}f}"


def interval(ends: tuple[float, float] | None, sign: bool = False, digits: int = 4) -> str:
    """Write an interval."""
    write = signed if sign else number
    return NOTHING if ends is None else f"{write(ends[0], digits)} to {write(ends[1], digits)}"


def count(value: int | None) -> str:
    """Write a count."""
    return NOTHING if value is None else f"{value:,}"


def ms(value: float | None) -> str:
    """Write milliseconds with three digits that say something."""
    return NOTHING if value is None else f"{value:.0f}" if value >= 100 else f"{value:#.3g}"


def megabytes(bytes_: float) -> str:
    """Write bytes in MB (10^6)."""
    value = bytes_ / 1e6
    return f"{value:.3f}" if value < 0.1 else f"{value:.2f}" if value < 10 else f"{value:.1f}"


def moment(time: str | None) -> str:
    """Write a time of an environment, to the minute."""
    found = re.fullmatch(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)\S*", time or "")
    return (
        f"{found[1]} {found[2]} UTC" if found and time and time.endswith(("Z", "+00:00")) else time or NOTHING
    )


def alone(section: Section, label: str) -> Section:
    """Return a section for a page of one report: neither tables nor titles need say of which."""
    return replace(section, blocks=[_alone(block, f"{label}: ") for block in section.blocks])


def _alone(block: Block, prefix: str) -> Block:
    if isinstance(block, More):
        inner = [_unnamed(one, prefix) for one in block.blocks]
        return replace(block, title=_short(block.title, prefix), blocks=inner)
    return _unnamed(block, prefix)


def _unnamed(block: Table | Figures | Note, prefix: str) -> Table | Figures | Note:
    if isinstance(block, Note):
        return replace(block, text=_short(block.text, prefix))
    block = replace(block, caption=_short(block.caption, prefix))
    if isinstance(block, Table) and block.columns[0] == "report":
        return replace(block, columns=block.columns[1:], rows=[row[1:] for row in block.rows])
    return block


def _short(text: str, prefix: str) -> str:
    rest = text.removeprefix(prefix)
    return text if rest == text else rest[:1].upper() + rest[1:]
