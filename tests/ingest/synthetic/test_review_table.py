"""The table that people edit: what a spreadsheet makes of it, and what is read back."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pocketrag.ingest.synthetic.review_table import (
    COLUMNS,
    guarded,
    read_review,
    review_csv,
    review_rows,
    unguarded,
)

from pocketrag.errors import InputError
from pocketrag.formats.data.beir import Passage, Question

PASSAGES = {"p1": Passage("p1", "=Clock", '-1 "hour"\nfor all'), "p2": Passage("p2", "", "x" * 5000)}
WRITTEN = {
    "s-1": Question("s-1", "Who stops, and when?", {"passage": "p1"}),
    "s-2": Question("s-2", "=1+1 is what?", {"passage": "p2"}),
    "s-3": Question("s-3", "Où est l'arbitre ?", {"passage": "p1"}),
}


def table(tmp_path, change=lambda rows: rows, delimiter=",", encoding="utf-8-sig", end="\r\n"):
    """What a spreadsheet saves after `change` of the rows, as lists of cells."""
    text = review_csv(review_rows(list(WRITTEN.values()), PASSAGES, {}))
    rows = change(
        [dict(zip(COLUMNS, row, strict=True)) for row in list(csv.reader(io.StringIO(text[1:])))[1:]]
    )
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=delimiter, lineterminator=end)
    writer.writerow(COLUMNS)
    writer.writerows([row[name] for name in COLUMNS] for row in rows)
    file = tmp_path / "review.csv"
    file.write_bytes(stream.getvalue().encode(encoding))
    return file


def setting(**said):
    """A change: id with `_` -> cells."""

    def change(rows):
        for row in rows:
            row.update(said.get(row["id"].replace("-", "_"), {}))
        return rows

    return change


def test_no_cell_is_a_formula_and_long_passages_are_cut():
    text = review_csv(review_rows(list(WRITTEN.values()), PASSAGES, {}))
    assert text.startswith("\ufeff")
    rows = list(csv.reader(io.StringIO(text[1:])))
    assert rows[0] == list(COLUMNS) and len(rows) == 4
    assert not any(cell[:1] in tuple("=+-@\t\r") for row in rows for cell in row if cell)
    assert max(len(cell) for row in rows for cell in row) == 2000


@given(st.text(alphabet=st.sampled_from("'=+-@＝a\t ")))
def test_guarding_is_undone(cell):
    assert unguarded(guarded(cell)) == cell and not guarded(cell).startswith(tuple("=+-@＝\t"))


@pytest.mark.parametrize(
    ("delimiter", "encoding", "end"),
    [
        (",", "utf-8-sig", "\r\n"),
        (";", "utf-8", "\n"),
        ("\t", "utf-16", "\r\n"),
        (";", "windows-1252", "\r\n"),
    ],
)
def test_whatever_the_spreadsheet_saves(tmp_path, delimiter, encoding, end):
    said = setting(
        s_1={"decision": " Accept "}, s_2={"decision": "reject"}, s_3={"question": "Où va l'arbitre ?"}
    )
    file = table(tmp_path, said, delimiter, encoding, end)
    found = read_review(file, WRITTEN, "windows-1252" if encoding == "windows-1252" else None)
    assert [(found[id_].word, found[id_].text) for id_ in WRITTEN] == [
        ("accept", "Who stops, and when?"),
        ("reject", "=1+1 is what?"),
        ("mend", "Où va l'arbitre ?"),
    ]
    assert found["s-3"].where == f"{file}:4" or "\n" in PASSAGES["p1"].text


def test_nothing_said_is_nothing_decided_and_empty_rows_do_not_count(tmp_path):
    empty = dict.fromkeys(COLUMNS, "")
    found = read_review(table(tmp_path, lambda rows: [*rows[:2], empty, empty]), WRITTEN)
    assert found == {"s-1": None, "s-2": None}


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"s_1": {"decision": "perhaps"}}, "the decision 'perhaps' is none; write accept, reject or mend"),
        ({"s_1": {"decision": "mend"}}, 'says "mend", and the question is as it was'),
        ({"s_1": {"question": "  "}}, "`question` is empty"),
        ({"s_1": {"id": "s-9"}}, "the id 's-9' is of no question in this folder"),
        ({"s_2": {"id": "s-1"}}, "the question 's-1' stands in .*review.csv:2 already"),
    ],
)
def test_bad_rows_are_named_by_file_and_line(tmp_path, said, message):
    with pytest.raises(InputError, match=rf"review.csv:\d+: {message}"):
        read_review(table(tmp_path, setting(**said)), WRITTEN)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id;question\ns-1;Who?\n", "there is no column `decision`"),
        ('decision,question,id\naccept,"Who?,s-1\n', "not CSV"),
        ("decision,question,id\naccept,Who?\n", "has 2 fields and the header 3"),
    ],
)
def test_no_table(tmp_path, text, message):
    file = tmp_path / "review.csv"
    file.write_text(text)
    with pytest.raises(InputError, match=message):
        read_review(file, WRITTEN)
    with pytest.raises(InputError, match="No such file"):
        read_review(tmp_path / "none.csv", WRITTEN)
