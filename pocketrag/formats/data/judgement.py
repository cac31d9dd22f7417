"""A line of `qrels.tsv`, in BEIR's three columns, TREC's four, or those that the file's first line names."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from decimal import Decimal

from pocketrag.errors import InputError

QRELS_HEADER = ["query-id", "corpus-id", "score"]
#: A grade: a whole number, as pandas (`1.0`) or NumPy (`1.000e+00`) may have written it.
GRADE = re.compile(r"[+-]?[0-9]{1,9}(?:\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,2})?")
MOST_GRADE = 10**9
#: What others call the columns; case, `_`, `-` and spaces make no difference.
NAMES = (
    ("queryid", "qid", "query", "topic", "topicid", "questionid", "question"),
    ("corpusid", "docid", "docno", "pid", "passageid", "documentid", "doc", "document", "passage", "chunkid"),
    ("score", "relevance", "rel", "label", "grade", "judgement", "judgment", "relevancy"),
)
#: Between columns: tabs, in a table as pandas writes it commas; else spaces.
MARKS = ("\t", ",", ";")


@dataclass(frozen=True)
class Layout:
    """The columns that a first line names."""

    mark: str
    """One of `MARKS`, or none for spaces."""
    width: int
    places: tuple[int, int, int]
    """Where question id, passage id and grade stand."""

    def cells(self, line: str) -> list[str]:
        """Return the cells of a line."""
        return _cells(line, self.mark)


def header(line: str) -> Layout | None:
    """Return what a file's first line says of the columns; None where it is no header.

    A line with a last cell that is no number is one, too: its names are not known, so the columns are BEIR's
    or TREC's.
    """
    for mark in (*MARKS, ""):
        names = [re.sub(r"[\W_]", "", cell.casefold()) for cell in _cells(line, mark)]
        places = [[n for n, name in enumerate(names) if name in known] for known in NAMES]
        if all(len(place) == 1 for place in places):
            return Layout(mark, len(names), (places[0][0], places[1][0], places[2][0]))
    cells = _cells(line, _mark(line))
    if len(cells) not in (3, 4) or grade(cells[-1]) is not None:
        return None
    return Layout(_mark(line), len(cells), (0, len(cells) - 2, len(cells) - 1))


def grade(text: str) -> int | None:
    """Return a grade that is written as a whole number, None where it is none."""
    text = text.strip()
    if not GRADE.fullmatch(text):
        return None
    value = Decimal(text)
    return int(value) if value == value.to_integral_value() and abs(value) < MOST_GRADE else None


def judgement(where: str, line: str, layout: Layout | None = None) -> tuple[str, str, int]:
    """Return question id, passage id and grade of a line, in the layout that its file's header gave.

    Without one, in BEIR's three columns or TREC's four. A grade below 0 (TREC's for spam and harmful pages)
    is 0: not relevant.
    """
    cells = layout.cells(line) if layout else _cells(line, _mark(line))
    if layout is None and len(cells) in (3, 4):
        layout = Layout("", len(cells), (0, len(cells) - 2, len(cells) - 1))
    if layout is None or len(cells) != layout.width or (found := grade(cells[layout.places[2]])) is None:
        raise InputError(
            f"{where}: expected `query-id TAB corpus-id TAB score`, or TREC's `query-id 0 corpus-id score`, "
            "with a whole score."
        )
    return cells[layout.places[0]], cells[layout.places[1]], max(0, found)


def _mark(line: str) -> str:
    # A table as a spreadsheet writes it has no spaces between its cells.
    return "\t" if "\t" in line else next((m for m in MARKS[1:] if m in line and not line.split()[1:]), "")


def _cells(line: str, mark: str) -> list[str]:
    if not mark:
        return line.split()
    if mark == "\t":
        return line.split("\t")
    return [cell.strip() for cell in next(csv.reader([line], delimiter=mark), [])]
