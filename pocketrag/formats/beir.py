"""The BEIR files: `corpus.jsonl`, `queries.jsonl`, `qrels.tsv`, read strictly.

Layout: https://github.com/beir-cellar/beir/wiki/Load-your-custom-dataset. A corpus or query line is a JSON
object with `_id`, `text`, and optionally `title` and `metadata`; a qrels line is
`query-id TAB corpus-id TAB score`, with that header.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pocketrag.errors import InputError

from .faults import Faults

QRELS_HEADER = ["query-id", "corpus-id", "score"]
#: A grade: a whole number, as pandas may have written it.
GRADE = re.compile(r"(-?[0-9]{1,9})(?:\.0+)?")
#: What no text of a database, a tokenizer or a TREC run can carry faithfully.
UNFIT = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True)
class Passage:
    """A chunk of the corpus."""

    id: str
    title: str
    text: str
    metadata: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Question:
    """A question, as a user would ask it."""

    id: str
    text: str
    metadata: dict[str, Any] = field(default_factory=dict)


#: Question id -> passage id -> relevance, an integer of at least 0.
Qrels = dict[str, dict[str, int]]


def read_corpus(file: Path) -> list[Passage]:
    """Read the passages in file order.

    Raises:
        InputError: the file is missing or empty, or a line is not UTF-8, not JSON, repeats an id, or lacks
            text.

    """
    return [
        Passage(r["_id"], r.get("title") or "", r["text"], r.get("metadata") or {}) for r in _records(file)
    ]


def read_questions(file: Path) -> list[Question]:
    """Read the questions in file order; raises as `read_corpus` does."""
    return [Question(r["_id"], r["text"], r.get("metadata") or {}) for r in _records(file)]


def read_unjudged(file: Path) -> list[str]:
    """Read questions without ids or judgements: the distinct `text` (or `query`) of all lines, in file order.

    Raises:
        InputError: the file is missing or empty, or a line is not UTF-8, not JSON, or lacks text.

    """
    texts, faults = [], Faults()
    for number, line in _lines(file):
        with faults.collected():
            texts.append(_unjudged(f"{file}:{number}", line))
    faults.refuse()
    if not texts:
        raise InputError(f"{file}: is empty; expected one JSON object with `text` or `query` a line.")
    return list(dict.fromkeys(texts))


def read_qrels(file: Path, questions: list[Question], passages: list[Passage]) -> Qrels:
    """Read the judgements and check their ids against the questions and passages.

    Raises:
        InputError: a line is malformed, names an unknown id or repeats a pair; or nothing is judged relevant.

    """
    known_questions, known_passages = {q.id for q in questions}, {p.id for p in passages}
    qrels: Qrels = {}
    faults = Faults()
    for number, line in _lines(file):
        if number == 1 and _is_header(line):
            continue
        where = f"{file}:{number}"
        with faults.collected():
            question, passage, score = _judgement(where, line)
            _known(where, "query-id", question, known_questions)
            _known(where, "corpus-id", passage, known_passages)
            if qrels.setdefault(question, {}).setdefault(passage, score) != score:
                raise InputError(f"{where}: {question!r} judges {passage!r} twice; remove one of the lines.")
    faults.refuse()
    judged = {question: row for question, row in qrels.items() if any(row.values())}
    if not judged:
        raise InputError(f"{file}: judges no passage relevant to any question, so nothing can be measured.")
    return judged


def _is_header(line: str) -> bool:
    # `query-id corpus-id score`, `query_id doc_id relevance`, TREC's `qid iter docno rel` …: a last cell that
    # is no number.
    cells = line.split()
    return len(cells) in (3, 4) and not GRADE.fullmatch(cells[-1])


def _judgement(where: str, line: str) -> tuple[str, str, int]:
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


def read_judged(corpus: Path, queries: Path, qrels: Path) -> tuple[list[Passage], list[Question], Qrels]:
    """Read the three files and keep the questions that have a relevant passage.

    Raises:
        InputError: as the three readers do, or a question is itself a passage, which would make retrieval
            trivial.

    """
    passages, questions = read_corpus(corpus), read_questions(queries)
    texts = {normalized(p.text): p.id for p in passages}
    for question in questions:
        if (same := texts.get(normalized(question.text))) is not None:
            raise InputError(
                f"{queries}: the question {question.id!r} is also the passage {same!r}; remove one of them."
            )
    judged = read_qrels(qrels, questions, passages)
    return passages, [q for q in questions if q.id in judged], judged


def read_objects(file: Path, keys: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield line number and JSON object of every line that is not blank.

    `keys` says what an object must hold.

    Raises:
        InputError: the file can't be read, or a line is not UTF-8 or no JSON object.

    """
    for number, line in _lines(file):
        yield number, _object(f"{file}:{number}", line, keys)


def parent_of(metadata: dict[str, Any]) -> str | None:
    """Return the section that a passage was cut from: `parent` or `parent_id` of its metadata."""
    parent = metadata.get("parent", metadata.get("parent_id"))
    return None if parent is None else str(parent)


def normalized(text: str) -> str:
    """Fold case and white space, for comparing texts."""
    return " ".join(text.casefold().split())


def _records(file: Path) -> list[dict[str, Any]]:
    seen: dict[str, int] = {}
    records, faults = [], Faults()
    for number, line in _lines(file):
        with faults.collected():
            record = _record(f"{file}:{number}", line)
            if record["_id"] in seen:
                raise InputError(
                    f"{file}:{number}: the id {record['_id']!r} stands in line {seen[record['_id']]} already."
                )
            seen[record["_id"]] = number
            records.append(record)
    faults.refuse()
    if not records:
        raise InputError(f"{file}: is empty; expected one JSON object a line.")
    return records


def _unjudged(where: str, line: str) -> str:
    record = _object(where, line, "`text` or `query`")
    key = "text" if "text" in record or "query" not in record else "query"
    check_text(where, key, record.get(key))
    return str(record[key])


def _object(where: str, line: str, keys: str) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:  # ValueError: an integer of thousands of digits
        raise InputError(f"{where}: not JSON ({error}).") from None
    if not isinstance(record, dict):
        raise InputError(f"{where}: expected a JSON object with {keys}.")
    return record


def _record(where: str, line: str) -> dict[str, Any]:
    record = _object(where, line, "`_id` and `text`")
    if type(record.get("_id")) is int:
        record["_id"] = str(record["_id"])
    for key in ("_id", "text", "title"):
        check_text(where, key, record.get(key, "" if key == "title" else None))
    if re.search(r"\s", record["_id"]):
        raise InputError(
            f"{where}: the id {record['_id']!r} holds white space, which a TREC run can't carry; use "
            "another character."
        )
    _metadata(where, record.get("metadata", {}))
    return record


def _metadata(where: str, metadata: object) -> None:
    if not isinstance(metadata, dict):
        raise InputError(f"{where}: `metadata` must be a JSON object.")
    try:
        text = json.dumps(metadata, ensure_ascii=False, allow_nan=False)
    except ValueError:
        raise InputError(f"{where}: `metadata` holds NaN or infinity, which is not JSON.") from None
    if UNFIT.search(text):
        raise InputError(f"{where}: `metadata` holds a lone surrogate, which is not text.")
    source, page = metadata.get("source"), metadata.get("page")
    if source is not None and not isinstance(source, str):
        raise InputError(f"{where}: `metadata.source` must be a string.")
    if page is not None and not (type(page) is int and 0 <= page < 2**31):
        raise InputError(f"{where}: `metadata.page` must be a whole number.")


def check_text(where: str, key: str, value: object) -> None:
    """Refuse a value that is not text, or empty (a title may be), or that no database can carry.

    Raises:
        InputError: the message names place and key.

    """
    if not isinstance(value, str) and not (key == "title" and value is None):
        raise InputError(f"{where}: `{key}` must be a string, found {type(value).__name__}.")
    if key != "title" and not str(value).strip():
        raise InputError(f"{where}: `{key}` is empty.")
    if isinstance(value, str) and UNFIT.search(value):
        raise InputError(f"{where}: `{key}` holds a NUL or a lone surrogate, which is not text.")


def _lines(file: Path) -> Iterator[tuple[int, str]]:
    try:
        data = file.read_bytes()
    except OSError as error:
        raise InputError(f"{file}: {error.strerror or error}.") from None
    for number, raw in enumerate(data.split(b"\n"), start=1):
        try:
            line = raw.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r")
        except UnicodeDecodeError as error:
            raise InputError(
                f"{file}:{number}: not UTF-8 (byte {error.start + 1} of the line); save the file as UTF-8."
            ) from None
        if line.strip():
            yield number, line


def _known(where: str, column: str, value: str, known: set[str]) -> None:
    if value not in known:
        raise InputError(f"{where}: the {column} {value!r} is unknown; it stands in no line of that file.")
