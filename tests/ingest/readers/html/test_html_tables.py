"""Spans are spelled out: every row of a table says all that holds for it."""

import pytest
from pocketrag.ingest.readers.from_html import read_html


def rows(html):
    (section,) = read_html(html.encode(), "x.html").sections
    lines = [line for line in section.text.strip().split("\n") if line and "---" not in line]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("<tr><th>Part<th>Price<tr><td rowspan=2>Lid<td>3<tr><td>4<tr><td>Rod<td>5", [["Part", "Price"], ["Lid", "3"], ["Lid", "4"], ["Rod", "5"]]),
        ("<tr><th>A<th>B<th>C<tr><td>1<td rowspan=3>2<td>3<tr><td>4<td>5<tr><td>6<td>7", [["A", "B", "C"], ["1", "2", "3"], ["4", "2", "5"], ["6", "2", "7"]]),
        ("<tr><th rowspan=2>N<th colspan=2>Price<tr><th>net<th>gross<tr><td>Lid<td>3<td>4",
         [["N", "Price", "Price"], ["N", "net", "gross"], ["Lid", "3", "4"]]),
        ("<tr><th>A<th>B<tr><td colspan=2>to both<tr><td>1<td>2", [["A", "B"], ["to both", ""], ["1", "2"]]),
        ("<tr><td rowspan=2 colspan=2>x<td>1<tr><td>2", [["x", "", "1"], ["x", "", "2"]]),
        ("<tbody><tr><td rowspan=0>1<td>2<tr><td>3</tbody><tbody><tr><td>4<td>5</tbody>", [["1", "2"], ["1", "3"], ["4", "5"]]),
        ("<tbody><tr><td rowspan=9>1<td>2</tbody><tbody><tr><td>3<td>4</tbody>", [["1", "2"], ["3", "4"]]),
        ("<tr><td rowspan=2>1<td rowspan=2>2<tr><tr><td>3<td>4", [["1", "2"], ["3", "4"]]),
        ("<tr><td rowspan=x colspan=-1>1<td>2", [["1", "2"]]),
        ("<tr><th>A<tr><td><p>one</p><ul><li>two<li>three</ul>", [["A"], ["one - two - three"]]),
    ],
)  # fmt: skip
def test_spans(table, expected):
    assert rows(f"<table>{table}</table>") == expected


def test_a_caption_stands_above_its_table():
    (section,) = read_html(b"<table><caption>Prices</caption><tr><th>A<tr><td>1</table>", "x").sections
    assert section.text.strip() == "Prices\n\n| A |\n| --- |\n| 1 |"


def test_a_table_that_places_things_is_none():
    document = read_html(
        b"<table><tr><td><h2>Left</h2><p>one</p><td><table><tr><th>A<tr><td>1</table></table>", "x"
    )
    (section,) = document.sections
    assert section.headings == ("Left",) and section.text.strip() == "one\n\n| A |\n| --- |\n| 1 |"
