"""A folder in BEIR layout, and files of judgements."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pocketrag.errors import InputError
from pocketrag.formats.data.judgement import header, judgement

from .expected import PLACE
from .ids import find, same, with_ids
from .rows import Row, decoded

#: How the files may be packed; the first that is there is read.
ENDINGS = (".jsonl", ".jsonl.gz", ".parquet")
JUDGEMENTS = (".tsv", ".tsv.gz", ".csv", ".csv.gz", ".txt", ".txt.gz", ".qrels")

#: The field of a row that takes them.
EXPECTED = "expected"

#: Question id, as `ids.same` spells it -> passage ids and grades.
Judged = dict[str, list[dict[str, Any]]]


def corpus_of(folder: Path) -> Path:
    """Return the file of a folder that holds the passages.

    Raises:
        InputError: there is none.

    """
    found = _named(folder, "corpus")
    if found is None:
        raise InputError(
            f"{folder}: holds no corpus.jsonl, so it is no folder in BEIR layout; name a file, or the folder "
            "that holds corpus.jsonl, queries.jsonl and qrels."
        )
    return found


def questions_of(folder: Path) -> tuple[Path | None, list[Path]]:
    """Return a folder's file of questions, and those of judgements: `qrels.tsv`, `qrels/*`."""
    places = [folder, folder / "qrels"]
    found = [
        file
        for place in places
        if place.is_dir()
        for file in sorted(place.iterdir())
        if file.name.endswith(JUDGEMENTS) and (place != folder or file.name.startswith("qrels"))
    ]
    return _named(folder, "queries"), found


def _named(folder: Path, stem: str) -> Path | None:
    return next((file for end in ENDINGS if (file := folder / f"{stem}{end}").is_file()), None)


def read_judgements(files: Sequence[Path]) -> Judged:
    """Read files of judgements, in BEIR's or TREC's columns or those that the first line names, gzip or not.

    Raises:
        InputError: a file can't be read or a line is malformed; the message names it.

    """
    found: Judged = {}
    for file in files:
        layout = None
        for number, line in enumerate(decoded(file, None).split("\n"), start=1):
            line = line.rstrip("\r")
            if number == 1 and (layout := header(line)) is not None:
                continue
            if line.strip():
                question, passage, score = judgement(f"{file}:{number}", line, layout)
                place = {"id": passage, "score": score, PLACE: f"{file}:{number}"}
                found.setdefault(same(question), []).append(place)
    if not found:
        raise InputError(f"{', '.join(map(str, files))}: holds no judgement.")
    return found


def judged_rows(rows: Sequence[Row], name: str, judged: Judged) -> list[Row]:
    """Return the rows of judged questions, with their judgements as the field `expected`.

    Raises:
        InputError: a question's id is missing.

    """
    found = []
    rows = with_ids(rows, name)
    known = {same(row.fields[name]): row.fields[name] for row in rows}
    expected: Judged = {}
    for question, places in judged.items():
        expected.setdefault(find(known, question) or question, []).extend(places)
    for row in rows:
        if not (id_ := row.fields[name]):
            raise InputError(f"{row.where}: the question has no id, by which the judgements would know it.")
        if id_ in expected:
            found.append(Row(row.where, {**row.fields, EXPECTED: expected[id_]}))
    return found
