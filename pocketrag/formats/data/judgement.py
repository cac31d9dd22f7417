"""A line of `qrels.tsv`, in BEIR's three columns or TREC's four."""

from __future__ import annotations

import re

from pocketrag.errors import InputError

QRELS_HEADER = ["query-id", "corpus-id", "score"]
#: A grade: a whole number, as pandas may have written it.
GRADE = re.compile(r"(-?[0-9]{1,9})(?:\.0+)?")


def is_header(line: str) -> bool:
    """Say whether a file's first line names the columns."""
    # `query-id corpus-id score`, `query_id doc_id relevance`, TREC's `qid iter docno rel` …: a last cell that
    # is no number.
    cells = line.split()
    return len(cells) in (3, 4) and not GRADE.fullmatch(cells[-1])


def judgement(where: str, line: str) -> tuple[str, str, int]:
    """Return question id, passage id and grade of a line in BEIR's three columns or TREC's four.

    A grade below 0 (TREC's for spam and harmful pages) is 0: not relevant.
    """
    cells = line.split("\t") if "\t" in line else line.split()
    grade = GRADE.fullmatch(cells[-1].strip())
    if len(cells) not in (3, 4) or grade is None:
        raise InputError(
            f"{where}: expected `query-id TAB corpus-id TAB score`, or TREC's `query-id 0 corpus-id score`, "
            "with a whole score."
        )
    return cells[0], cells[-2], max(0, int(grade[1]))
