"""The review as a table: a row a question, in which people accept, reject or mend."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pocketrag.errors import InputError
from pocketrag.formats.data.beir import Passage, Question
from pocketrag.formats.data.text_checks import check_text

from ..rows import csv_rows, decoded

FILE = "review.csv"
COLUMNS = ("decision", "question", "title", "passage", "id", "passage_id", "written")
NEEDED = ("decision", "question", "id")
#: What spreadsheets take for a formula: the cell gets an apostrophe before it, which reading takes away
#: again. One
#: that begins so already gets another.
FORMULA = re.compile(r"^'*[=+\-@\t\r＝＋－＠]")
#: A cell of Excel holds 32 767 characters; nobody reads that many to judge a question.
MOST = 2000
#: What people may write, in any case, and what it means.
Word = Literal["accept", "reject", "mend"]
WORDS: Mapping[str, Word | None] = {
    "": None,
    "accept": "accept",
    "accepted": "accept",
    "reject": "reject",
    "rejected": "reject",
    "mend": "mend",
    "mended": "mend",
}
#: Excel in many languages writes semicolons, and its own charset unless it is told UTF-8.
BOM = "\ufeff"


@dataclass(frozen=True)
class Decision:
    """What a person said of a question."""

    where: str
    """File and line."""
    word: Word | None
    text: str
    """The question, mended or not."""


def review_rows(
    questions: Sequence[Question], passages: Mapping[str, Passage], decisions: Mapping[str, Decision]
) -> list[dict[str, str]]:
    """Return the table's rows, by column, with what people said of them before."""
    rows = []
    for question in questions:
        passage, said = passages[question.metadata["passage"]], decisions.get(question.id)
        rows.append(
            {
                "decision": (said.word if said else None) or "",
                "question": said.text if said else question.text,
                "title": passage.title,
                "passage": passage.text if len(passage.text) <= MOST else f"{passage.text[: MOST - 1]}…",
                "id": question.id,
                "passage_id": passage.id,
                "written": question.text,
            }
        )
    return rows


def review_csv(rows: Sequence[Mapping[str, str]]) -> str:
    """Return the table as CSV that a spreadsheet opens by a double click and takes no formula from."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    writer.writerows([guarded(row[name]) for name in COLUMNS] for row in rows)
    return BOM + stream.getvalue()


def guarded(cell: str) -> str:
    """Return a cell that no spreadsheet runs."""
    return f"'{cell}" if FORMULA.match(cell) else cell


def unguarded(cell: str) -> str:
    """Return what was guarded."""
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell) else cell


def read_review(
    file: Path, written: Mapping[str, Question], encoding: str | None = None, gone: bool = False
) -> dict[str, Decision | None]:
    """Read a table that people have looked at: question id -> what they said, None where they said nothing.

    Args:
        file: CSV, separated by commas, semicolons or tabs.
        written: the questions as the model wrote them, by id.
        encoding: charset of a file that is not Unicode.
        gone: whether rows of questions that are no more are left out.

    Raises:
        InputError: the file can't be read, lacks a column, or a row has an unknown id, one that stands
            there twice, a
            decision that is none, or no question; or it says "mend" and nothing was changed.

    """
    found: dict[str, Decision | None] = {}
    seen: dict[str, str] = {}
    for where, cells in csv_rows(file, decoded(file, encoding)):
        if not any(map(str.strip, cells.values())):
            continue  # a spreadsheet writes rows that somebody once touched
        if missing := [name for name in NEEDED if name not in cells]:
            raise InputError(
                f"{where}: there is no column `{missing[0]}`; its columns are {', '.join(COLUMNS)}, named "
                "in the "
                "first row."
            )
        id_ = unguarded(cells["id"].strip())
        if id_ not in written and gone:
            continue
        if id_ not in written:
            raise InputError(
                f"{where}: the id {id_!r} is of no question in this folder; leave the column `id` as it is."
            )
        if id_ in seen:
            raise InputError(
                f"{where}: the question {id_!r} stands in {seen[id_]} already; keep one of both rows."
            )
        seen[id_] = where
        found[id_] = _decision(where, cells, written[id_].text)
    return found


def _decision(where: str, cells: Mapping[str, str], before: str) -> Decision | None:
    given = cells["decision"].strip().casefold()
    if given not in WORDS:
        raise InputError(
            f"{where}: the decision {cells['decision']!r} is none; write accept, reject or mend, or nothing."
        )
    word = WORDS[given]
    text = " ".join(unguarded(cells["question"]).split())
    changed = text != " ".join(before.split())
    if word == "reject":
        return Decision(where, word, before)
    check_text(where, "question", text)
    if word == "mend" and not changed:
        raise InputError(
            f'{where}: says "mend", and the question is as it was; change it, or write accept or reject.'
        )
    if word is None and not changed:
        return None
    return Decision(where, "mend" if changed else "accept", text if changed else before)
