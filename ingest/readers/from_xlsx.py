"""XLSX -> a heading a sheet and its blocks of cells as tables, through openpyxl."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from html import escape
from itertools import groupby
from typing import Any

from .document import Document
from .from_html import document_of
from .number_formats import elapsed, formatted

#: How long a number is written; what lies beyond are errors of computing (0.1 + 0.2).
DIGITS = 12
#: Whole numbers up to here are written out, as a sheet's cell does that is wide enough.
WHOLE = 1e17

#: Row and column, from 1.
Place = tuple[int, int]
#: Text, then rows and columns that the cell takes.
Cell = tuple[str, int, int]


def xlsx(data: bytes) -> Document:
    """Read an XLSX file: the sheets that are shown; of a formula the value that was saved with it."""
    from openpyxl import load_workbook  # here: a folder without such files need not have it loaded

    book = load_workbook(io.BytesIO(data), data_only=True)
    pages = ["".join(_sheet(sheet)) for sheet in book.worksheets if sheet.sheet_state == "visible"]
    return Document("", document_of("".join(pages)).sections)


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
    columns = [n for n in range(1, sheet.max_column + 1) if not _hidden(sheet, n)]
    rows = [n for n in range(1, sheet.max_row + 1) if not _folded(sheet, n)]
    grid = {n: {c: _text(sheet.cell(n, c)) for c in columns} for n in rows}
    full = {n for n in rows if any(grid[n][c] or covered.get((n, c)) for c in columns)}
    for has_text, run in groupby(rows, key=lambda n: n in full):
        if not has_text:
            continue
        block = list(run)
        used = [c for c in columns if any(grid[n][c] or covered.get((n, c)) for n in block)]
        yield [
            [(grid[n][c], *spans.get((n, c), (1, 1))) for c in used if (n, c) not in covered] for n in block
        ]


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


def _hidden(sheet: Any, column: int) -> bool:  # noqa: ANN401 - openpyxl has no types
    from openpyxl.utils import get_column_letter

    dimension = sheet.column_dimensions.get(get_column_letter(column))
    return bool(dimension and dimension.hidden and not dimension.outlineLevel)


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
