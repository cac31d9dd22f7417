"""XLSX -> a heading a sheet and its blocks of cells as tables, through openpyxl."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from html import escape
from typing import Any

from .document import Document
from .from_html import document_of
from .number_formats import elapsed, formatted
from .unsaved import Place, unsaved

#: How long a number is written; what lies beyond are errors of computing (0.1 + 0.2).
DIGITS = 12
#: Whole numbers up to here are written out, as a sheet's cell does that is wide enough.
WHOLE = 1e17

#: Text, then rows and columns that the cell takes.
Cell = tuple[str, int, int]


def xlsx(data: bytes) -> Document:
    """Read an XLSX file: the sheets that are shown; of a formula the value that was saved with it."""
    from openpyxl import load_workbook  # here: a folder without such files need not have it loaded

    book = load_workbook(io.BytesIO(data), data_only=True)
    sheets = {sheet.title: sheet for sheet in book.worksheets if sheet.sheet_state == "visible"}
    pages = ["".join(_sheet(sheet)) for sheet in sheets.values()]
    missing = tuple(unsaved(data, sheets, _is_shown))
    return Document("", document_of("".join(pages)).sections, missing=missing)


def _is_shown(sheet: Any, place: Place) -> bool:  # noqa: ANN401 - openpyxl has no types
    return place[1] not in _hidden(sheet) and not _folded(sheet, place[0])


def _sheet(sheet: Any) -> Iterator[str]:  # noqa: ANN401 - openpyxl has no types
    blocks = list(_blocks(sheet))
    if blocks:
        yield f"<h1>{escape(sheet.title)}</h1>"
    for block in blocks:
        filled = [cell[0] for row in block for cell in row if cell[0]]
        if len(block) == 1 and len(filled) == 1:
            yield f"<p>{escape(filled[0])}</p>"  # a line above or below a table
        else:
            yield f"<table>{''.join(_row(row) for row in block)}</table>"


def _blocks(sheet: Any) -> Iterator[list[list[Cell]]]:  # noqa: ANN401 - openpyxl has no types
    """Yield the tables of a sheet: what stands between rows without any text."""
    spans, covered = _merged(sheet)
    hidden = _hidden(sheet)
    # Only the cells that the file has: the sheet between A1 and XFD1048576 has 17 billion.
    texts = {place: text for place, cell in sheet._cells.items() if (text := _text(cell))}
    columns: dict[int, set[int]] = {}
    for row, column in (*texts, *(place for place, text in covered.items() if text)):
        if column not in hidden:
            columns.setdefault(row, set()).add(column)
    for block in _runs(sheet, [n for n in sorted(columns) if not _folded(sheet, n)]):
        used = sorted(set[int]().union(*(columns[n] for n in block)))
        yield [
            [(texts.get((n, c), ""), *spans.get((n, c), (1, 1))) for c in used if (n, c) not in covered]
            for n in block
        ]


def _runs(sheet: Any, rows: Sequence[int]) -> Iterator[list[int]]:  # noqa: ANN401 - openpyxl has no types
    """Yield the rows with text in runs; a row without any is between two runs, unless it is hidden."""
    run: list[int] = []
    for row in rows:
        if run and not all(_folded(sheet, between) for between in range(run[-1] + 1, row)):
            yield run
            run = []
        run.append(row)
    if run:
        yield run


def _merged(sheet: Any) -> tuple[dict[Place, tuple[int, int]], dict[Place, bool]]:  # noqa: ANN401
    """Return first cells of merged ones with their sizes; the others with whether the first has text."""
    spans: dict[Place, tuple[int, int]] = {}
    covered: dict[Place, bool] = {}
    for area in sheet.merged_cells.ranges:
        first = area.min_row, area.min_col
        spans[first] = area.size["rows"], area.size["columns"]
        text = bool(_text(sheet.cell(*first)))
        covered |= {place: text for place in area.cells if place != first}
    return spans, covered


def _hidden(sheet: Any) -> set[int]:  # noqa: ANN401 - openpyxl has no types
    # One entry stands for a range of columns.
    return {
        column
        for one in sheet.column_dimensions.values()
        if one.hidden and not one.outlineLevel
        for column in range(one.min, one.max + 1)
    }


def _folded(sheet: Any, row: int) -> bool:  # noqa: ANN401 - openpyxl has no types
    # A row that a filter or an outline folds away opens by a click.
    dimension = sheet.row_dimensions.get(row)
    return bool(dimension and dimension.hidden and not dimension.outlineLevel and not sheet.auto_filter.ref)


def _row(row: Sequence[Cell]) -> str:
    cells = (f'<td rowspan="{rows}" colspan="{columns}">{escape(text)}</td>' for text, rows, columns in row)
    return f"<tr>{''.join(cells)}</tr>"


def _text(cell: Any) -> str:  # noqa: ANN401 - openpyxl has no types
    """Return a cell's value as a sheet shows it, separators of thousands aside."""
    value, form = cell.value, str(cell.number_format or "")
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
    if isinstance(value, timedelta):
        return elapsed(value, form)
    if isinstance(value, int | float):
        return formatted(value, form) or _number(value)
    return str(value)


def _number(value: float) -> str:
    whole = isinstance(value, int) or (value.is_integer() and abs(value) < WHOLE)
    return str(int(value)) if whole else f"{value:.{DIGITS}g}"
