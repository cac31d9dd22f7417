"""Tables of HTML -> tables in which every row says all that holds for it: spans are spelled out."""

from __future__ import annotations

import copy
from dataclasses import dataclass

from bs4 import BeautifulSoup, Tag

#: The most columns that a cell may span, as https://html.spec.whatwg.org/multipage/tables.html says.
MOST_COLUMNS = 1000


@dataclass
class Span:
    """A cell that reaches into rows below."""

    cell: Tag
    rows: float
    """How many of them are left."""


def spell_out(soup: BeautifulSoup) -> None:
    """Give each row of each table a cell of its own for every cell that reaches into it.

    A cell over several rows is repeated in each. One over several columns is repeated where it is a heading
    of some of them, else empty cells follow it. A row in which nothing begins goes.
    """
    for table in soup.find_all("table"):
        if table.find("table") or str(table.get("role") or "").lower() in ("presentation", "none"):
            _lay_out(table)
            continue
        for caption in table.find_all("caption"):
            caption.name = "p"
            table.insert_before(caption)
        found = [row for row in table.find_all("tr") if row.find_parent("table") is table]
        width = max((sum(_span(cell, "colspan") for cell in _cells(row)) for row in found), default=0)
        open_: dict[int, Span] = {}
        section: Tag | None = None
        for row in found:
            if row.parent is not section:  # no cell reaches beyond its section
                section, open_ = row.parent, {}
            _fill(soup, row, open_, width)


def _lay_out(table: Tag) -> None:
    # A table around another one only places them on the page.
    for part in [table, *table.find_all(["caption", "thead", "tbody", "tfoot", "tr", "td", "th"])]:
        if part is table or part.find_parent("table") is table or part.find_parent("table") is None:
            part.name = "div"


def _cells(row: Tag) -> list[Tag]:
    return row.find_all(["td", "th"], recursive=False)


def _span(cell: Tag, name: str) -> int:
    text = str(cell.get(name) or "1").strip()
    return min(int(text), MOST_COLUMNS) if text.isascii() and text.isdigit() else 1


def _fill(soup: BeautifulSoup, row: Tag, open_: dict[int, Span], width: int) -> None:
    cells = _cells(row)
    if not cells and open_:
        for column in list(open_):
            _reaching(open_, column)
        row.decompose()
        return
    done: list[Tag] = []
    for cell in cells:
        done += _carried(open_, len(done))
        rows, columns = _span(cell, "rowspan"), max(1, _span(cell, "colspan"))
        for n in range(columns):
            again = n == 0 or (cell.name == "th" and columns < width)
            one = _bare(cell) if again else soup.new_tag("td")
            if rows != 1:  # 0: to the end of the section
                open_[len(done)] = Span(one, rows - 1 if rows else float("inf"))
            done.append(one)
        cell.extract()
    done += _carried(open_, len(done))
    for cell in done:
        row.append(cell)


def _carried(open_: dict[int, Span], column: int) -> list[Tag]:
    found: list[Tag] = []
    while column + len(found) in open_:
        found.append(_reaching(open_, column + len(found)))
    return found


def _reaching(open_: dict[int, Span], column: int) -> Tag:
    span = open_[column]
    span.rows -= 1
    if span.rows <= 0:
        del open_[column]
    return copy.copy(span.cell)


def _bare(cell: Tag) -> Tag:
    one = copy.copy(cell)
    for name in ("rowspan", "colspan"):
        one.attrs.pop(name, None)
    return one
