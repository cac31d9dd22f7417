"""What a page is made of (sections of tables, pictures and notes) and how it becomes one HTML file that fetches nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from . import bars
from .report_facts import Facts

TEMPLATES = Path(__file__).with_name("templates")
#: Written where there is no value.
NOTHING = "–"


@dataclass(frozen=True)
class Laid:
    """One report among those that a page lays side by side."""

    label: str
    """No other has the same."""
    series: int
    """Its place, and so its colour in pictures."""
    facts: Facts


@dataclass(frozen=True)
class Cell:
    """A cell with a meaning of its own."""

    text: str
    kind: str
    """The outcome that it stands for: pass, fail or unchecked."""


Row = Sequence[str | Cell]


@dataclass(frozen=True)
class Table:
    """Rows under column names; the first cell of a row is its name."""

    caption: str
    columns: Sequence[str]
    rows: Sequence[Row]
    block: str = "table"

    def numeric(self, column: int) -> bool:
        """Say whether a column holds numbers, which are right-aligned."""
        texts = [cell.text if isinstance(cell, Cell) else cell for cell in (row[column] for row in self.rows)]
        return all(text == NOTHING or text.lstrip("+-−")[:1].isdigit() for text in texts)


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
class Card:
    """The verdict on one report."""

    label: str
    kind: str
    """pass, fail or unchecked."""
    words: str
    lines: Sequence[str]
    problems: Sequence[tuple[str, str, str]] = field(default=())
    """What stands in the way: kind, gates, why."""


def render(title: str, cards: Sequence[Card], sections: Sequence[Section], footer: str) -> str:
    """Return the page: all text escaped, no script, nothing fetched."""
    # By hand: jinja2's own choice goes by the ending, and escapes nothing in a file called .jinja.
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.get_template("report.html.jinja")
    return template.render(title=title, cards=cards, sections=sections, footer=footer, bars=Markup(bars.STYLE))  # noqa: S704 - ours


def picture(svg: str) -> Markup:
    """Return a picture that goes into the page as it is: `bars` and `plot` escape every text in it."""
    return Markup(svg)  # noqa: S704


def gathered(laid: Iterable[Laid], section: str, what: str, command: str) -> list[Block]:
    """Return a note for each report in which a section is not readable, and one for those that have none of it."""
    notes: list[Block] = []
    absent = []
    for one in laid:
        broken = one.facts.broken(section)
        notes += [Note(f"{one.label}: can't be read, {why}.", "warn") for why in broken]
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


def interval(ends: tuple[float, float] | None, sign: bool = False) -> str:
    """Write an interval."""
    write = signed if sign else number
    return NOTHING if ends is None else f"{write(ends[0])} to {write(ends[1])}"


def count(value: int | None) -> str:
    """Write a count."""
    return NOTHING if value is None else f"{value:,}"


def ms(value: float | None) -> str:
    """Write milliseconds with three digits that say something."""
    return NOTHING if value is None else f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def megabytes(bytes_: float) -> str:
    """Write bytes in MB (10^6)."""
    return f"{bytes_ / 1e6:.2f}" if bytes_ < 1e7 else f"{bytes_ / 1e6:.1f}"
