"""Formulas of a workbook without a saved value: a program wrote the file, and none has computed it since."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

#: A formula that ends its cell, or with an empty value behind it.
EMPTY = re.compile(
    rb"<(?:\w+:)?f\b[^>]*(?:/>|>[^<]*</(?:\w+:)?f>)\s*(?:<(?:\w+:)?v\s*(?:/>|></(?:\w+:)?v>)\s*)?</"
)
ADVICE = "open the file in Excel or LibreOffice and save it once"

#: Row and column, from 1.
Place = tuple[int, int]


def unsaved(data: bytes, sheets: dict[str, Any], shown: Callable[[Any, Place], bool]) -> Iterator[str]:
    """Yield a sentence for each column with such formulas, which names sheet and column and says what to do.

    `sheets` has those that are read, by name, as openpyxl reads them with `data_only`; `shown` says whether
    such a sheet shows a cell.
    """
    from openpyxl import load_workbook
    from openpyxl.utils import get_column_letter

    formulas = load_workbook(io.BytesIO(data)) if _some_empty(data) else {}
    for name in [name for name in sheets if name in formulas]:
        columns: dict[int, list[int]] = {}
        for row, column in _without_value(formulas[name]._cells, sheets[name]._cells):
            if shown(sheets[name], (row, column)):
                columns.setdefault(column, []).append(row)
        for column, rows in sorted(columns.items()):
            yield (
                f"sheet {name!r}, column {get_column_letter(column)}: formulas without a saved value "
                f"({len(rows)}, the first in row {min(rows)}); {ADVICE}"
            )


def _some_empty(data: bytes) -> bool:
    # Most files need not be read a second time.
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = [name for name in archive.namelist() if "worksheets/" in name and name.endswith(".xml")]
        return any(EMPTY.search(archive.read(name)) for name in names)


def _without_value(formulas: dict[Place, Any], saved: dict[Place, Any]) -> Iterator[Place]:
    for place, cell in formulas.items():
        value = saved.get(place)
        # An empty text is a value, too.
        if cell.data_type == "f" and (value is None or (value.value is None and value.data_type != "str")):
            yield place
