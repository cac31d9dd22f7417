"""The BEIR files: `corpus.jsonl`, `queries.jsonl`, `qrels.tsv`, read strictly.

Layout: https://github.com/beir-cellar/beir/wiki/Load-your-custom-dataset. A corpus or query line is a JSON
object with `_id`, `text`, and optionally `title` and `metadata`; a qrels line is
`query-id TAB corpus-id TAB score`, with that header.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pocketrag.errors import InputError

from ..spelling import spell
from .faults import Faults
from .judgement import header, judgement
from .lines import read_lines
from .origin import refuse_synthetic
from .text_checks import UNFIT, check_text, json_object

#: What is said of a passage without text.
SKIP = '; write one, or leave such passages out by `empty = "skip"` in [data] of the recipe'


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
    equal: tuple[str, ...] = ()
    """The passages that are the question itself; they are left out where its passages are ranked."""


#: Question id -> passage id -> relevance, an integer of at least 0.
Qrels = dict[str, dict[str, int]]


def read_corpus(file: Path, skip_empty: bool = False) -> list[Passage]:
    """Read the passages in file order; with `skip_empty` without those whose text is empty.

    Raises:
        InputError: the file is missing or empty, or a line is not UTF-8, not JSON, repeats an id, or lacks
            text.

    """
    return _corpus(file, skip_empty)[0]


def empty_passages(file: Path) -> list[str]:
    """Return the ids of the passages whose text is empty; raises as `read_corpus` does."""
    return _corpus(file, skip_empty=True)[1]


def _corpus(file: Path, skip_empty: bool) -> tuple[list[Passage], list[str]]:
    rows = _records(file, None if skip_empty else SKIP)
    empty = [row["_id"] for row in rows if not row["text"].strip()]
    if len(empty) == len(rows):
        raise InputError(f"{file}: no passage has a text.")
    return [
        Passage(r["_id"], r.get("title") or "", r["text"], r.get("metadata") or {})
        for r in rows
        if r["text"].strip()
    ], empty


def read_questions(file: Path) -> list[Question]:
    """Read the questions in file order; raises as `read_corpus` does."""
    return [Question(r["_id"], r["text"], r.get("metadata") or {}) for r in _records(file)]


def read_unjudged(file: Path) -> list[str]:
    """Read questions without ids or judgements: the distinct `text` (or `query`) of all lines, in file order.

    Raises:
        InputError: the file is missing or empty, or a line is not UTF-8, not JSON, or lacks text.

    """
    texts, faults = [], Faults()
    for number, line in read_lines(file):
        with faults.collected():
            texts.append(_unjudged(f"{file}:{number}", line))
    faults.refuse()
    if not texts:
        raise InputError(f"{file}: is empty; expected one JSON object with `text` or `query` a line.")
    return list(dict.fromkeys(texts))


def read_unanswerable(file: Path) -> list[str]:
    """Read the questions that show when to abstain, as `read_unjudged` does.

    Raises:
        InputError: as it does; or a model wrote a question: what abstention is judged on, people ask.

    """
    refuse_synthetic(file)
    return read_unjudged(file)


def read_qrels(
    file: Path, questions: list[Question], passages: list[Passage], skipped: Collection[str] = ()
) -> Qrels:
    """Read the judgements and check their ids against the questions and passages.

    Those of passages that were `skipped` count for nothing.

    Raises:
        InputError: a line is malformed, names an unknown id or repeats a pair; or nothing is judged relevant.

    """
    known_questions, known_passages = {q.id for q in questions}, {*(p.id for p in passages), *skipped}
    qrels: Qrels = {}
    faults, layout = Faults(), None
    for number, line in read_lines(file):
        if number == 1 and (layout := header(line)) is not None:
            continue
        where = f"{file}:{number}"
        with faults.collected():
            question, passage, score = judgement(where, line, layout)
            _known(where, "query-id", question, known_questions)
            _known(where, "corpus-id", passage, known_passages)
            if qrels.setdefault(question, {}).setdefault(passage, score) != score:
                raise InputError(f"{where}: {question!r} judges {passage!r} twice; remove one of the lines.")
    faults.refuse()
    return _relevant(file, qrels, dict.fromkeys(qrels, skipped))


def _relevant(file: Path, qrels: Qrels, without: Mapping[str, Collection[str]]) -> Qrels:
    # The questions that have a relevant passage besides those that count for nothing.
    kept = {
        question: {passage: score for passage, score in row.items() if passage not in without[question]}
        for question, row in qrels.items()
    }
    judged = {question: row for question, row in kept.items() if any(row.values())}
    if not judged:
        raise InputError(f"{file}: judges no passage relevant to any question, so nothing can be measured.")
    return judged


def read_judged(
    corpus: Path, queries: Path, qrels: Path, skip_empty: bool = False, synthetic: bool = False
) -> tuple[list[Passage], list[Question], Qrels]:
    """Read the three files and keep the questions that have a relevant passage.

    Questions that a model wrote are refused, unless these are no ones that judge (`synthetic`).

    A passage that is the question itself (ArguAna, Quora) answers nothing: it stands in `Question.equal`, and
    what is judged of it counts for nothing.

    Raises:
        InputError: as the three readers do; or a model wrote a question.

    """
    if not synthetic:
        refuse_synthetic(queries)
    passages, empty = _corpus(corpus, skip_empty)
    questions = with_equal(read_questions(queries), passages)
    judged = read_qrels(qrels, questions, passages, empty)
    judged = _relevant(qrels, judged, {q.id: q.equal for q in questions})
    return passages, [q for q in questions if q.id in judged], judged


def with_equal(questions: list[Question], passages: list[Passage]) -> list[Question]:
    """Return the questions, each with the passages that have its text, with or without their title."""
    texts: dict[str, list[str]] = defaultdict(list)
    for passage in passages:
        for text in {normalized(passage.text), normalized(f"{passage.title} {passage.text}")}:
            texts[text].append(passage.id)
    return [replace(q, equal=tuple(texts.get(normalized(q.text), ()))) for q in questions]


def read_objects(file: Path, keys: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield line number and JSON object of every line that is not blank.

    `keys` says what an object must hold.

    Raises:
        InputError: the file can't be read, or a line is not UTF-8 or no JSON object.

    """
    for number, line in read_lines(file):
        yield number, json_object(f"{file}:{number}", line, keys)


def parent_of(metadata: dict[str, Any]) -> str | None:
    """Return the section that a passage was cut from: `parent` or `parent_id` of its metadata."""
    parent = metadata.get("parent", metadata.get("parent_id"))
    return None if parent is None else str(parent)


def normalized(text: str) -> str:
    """Fold case, white space and spellings that a model does not see apart, for comparing texts."""
    return " ".join(spell(text).casefold().split())


def _records(file: Path, empty: str | None = "") -> list[dict[str, Any]]:
    # `empty` is what is said where a text is; None lets it be.
    seen: dict[str, int] = {}
    records, faults = [], Faults()
    for number, line in read_lines(file):
        with faults.collected():
            record = _record(f"{file}:{number}", line, empty)
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
    record = json_object(where, line, "`text` or `query`")
    key = "text" if "text" in record or "query" not in record else "query"
    check_text(where, key, record.get(key))
    return str(record[key])


def _record(where: str, line: str, empty: str | None) -> dict[str, Any]:
    record = json_object(where, line, "`_id` and `text`")
    if type(record.get("_id")) is int:
        record["_id"] = str(record["_id"])
    for key in ("_id", "text", "title"):
        value = record.get(key, "" if key == "title" else None)
        if not (key == "text" and isinstance(value, str) and not value.strip()):
            check_text(where, key, value)
        elif empty is not None:
            raise InputError(f"{where}: `text` is empty{empty}.")
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


def _known(where: str, column: str, value: str, known: set[str]) -> None:
    if value not in known:
        raise InputError(f"{where}: the {column} {value!r} is unknown; it stands in no line of that file.")
