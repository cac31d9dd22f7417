"""Rows of a question file -> questions, judgements and unanswerable questions in the BEIR layout."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pocketrag.errors import InputError
from pocketrag.formats.data.beir import normalized
from pocketrag.formats.data.origin import WHY, is_synthetic
from pocketrag.formats.data.text_checks import check_text

from .expected import read_expected, unknown, whole_score
from .fields import Found, as_text
from .ids import assign, check_distinct, find, same, with_ids
from .passages import Corpus, is_empty, keep, rest
from .rows import Row

LABELS = {"difficulty": "difficulty", "question_category": "category", "question_language": "language"}
WORDS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


@dataclass
class Asked:
    """One question: a row, or several with the same id and text."""

    where: str
    given: str
    text: str
    metadata: dict[str, Any]
    judged: dict[str, int]
    """Passage id -> score."""
    unanswerable: bool
    """The file says that no chunk answers it."""


@dataclass
class Questions:
    """The questions, and what became of the rows."""

    records: list[dict[str, Any]] = field(default_factory=list)
    """Lines of `queries.jsonl`."""
    judgements: list[tuple[str, str, int]] = field(default_factory=list)
    """Lines of `qrels.tsv`."""
    unanswerable: list[dict[str, Any]] = field(default_factory=list)
    """Lines of `unanswerable.jsonl`."""
    made: int = 0
    joined: int = 0
    empty: int = 0
    unknown: int = 0
    unjudged: int = 0
    """Dropped: no judgement names them, or none of their expected ids is known."""


@dataclass(frozen=True)
class Known:
    """The passages that questions may expect."""

    resolve: Mapping[str, str]
    texts: Mapping[str, str]
    """Normalized text -> id."""

    @classmethod
    def of(cls, corpus: Corpus) -> Known:
        """Return what of the corpus questions can refer to."""
        return cls(corpus.resolve, {normalized(r["text"]): r["_id"] for r in corpus.records})


def read_questions(
    rows: Sequence[Row], found: Found, known: Known, skip_empty: bool, skip_unknown: bool
) -> Questions:
    """Turn rows into questions; rows with the same id and text (or the same text and no id) are one question.

    Raises:
        InputError: a text is empty (unless `skip_empty`) or that of a passage, an id is unknown (unless
            `skip_unknown`), two questions have one id, or nothing says whether a question has an answer; the
            message names the line.

    """
    done = Questions()
    full = [row for row in rows if not is_empty(row, found["question"])] if skip_empty else list(rows)
    done.empty = len(rows) - len(full)
    full = with_ids(full, found.get("question_id"))
    asked = _joined([_asked(row, found, known, done, skip_unknown) for row in full], done)
    check_distinct([q.where for q in asked], [q.given for q in asked])
    ids = assign([q.given for q in asked], [f"q{n:04}" for n in range(1, len(asked) + 1)])
    for question, id_ in zip(asked, ids, strict=True):
        if id_ != question.given:
            done.made += 1
            if question.given:
                keep(question.metadata, "id", question.given)
        _file(question, id_, done)
    return done


def _file(question: Asked, id_: str, done: Questions) -> None:
    record = {"_id": id_, "text": question.text, "metadata": question.metadata}
    if question.unanswerable:
        done.unanswerable.append(record)
    elif question.judged:
        done.records.append(record)
        done.judgements.extend((id_, passage, score) for passage, score in question.judged.items())
    else:
        done.unjudged += 1


def _asked(row: Row, found: Found, known: Known, done: Questions, skip_unknown: bool) -> Asked:
    fields = {name: row.fields.get(theirs) for name, theirs in found.items()}
    text = fields["question"] if fields["question"] is not None else ""
    check_text(row.where, found["question"], text)
    metadata = {key: label for name, key in LABELS.items() if (label := as_text(fields.get(name)))}
    metadata = rest(row, found, metadata, tuple(LABELS.values()))
    if is_synthetic(metadata):
        raise InputError(f"{row.where}: {WHY}")
    judged, empty = _judged(row.where, fields, known, done, skip_unknown)
    # Where the question is a passage, that one is left out of its ranking.
    if (passage := known.texts.get(normalized(text))) is not None and set(judged) == {passage}:
        raise InputError(
            f"{row.where}: the question is also the passage {passage!r}, which is all that it expects, so "
            "finding it shows nothing; remove it."
        )
    return Asked(
        row.where,
        fields.get("question_id") or "",
        text,
        metadata,
        judged,
        _unanswerable(row.where, fields, empty),
    )


def _judged(
    where: str, fields: Mapping[str, Any], known: Known, done: Questions, skip_unknown: bool
) -> tuple[dict[str, int], bool]:
    """Return passage id -> score, and whether the file names no id at all."""
    value = fields.get("expected")
    expected = [] if value is None else read_expected(where, value, known.resolve)
    judged: dict[str, int] = {}
    places: dict[str, str] = {}
    for given, score, place in expected:
        passage = find(known.resolve, given)
        if passage is not None:
            grade = whole_score(place, fields.get("score") if score is None else score)
            _judge(place, judged, passage, grade, places.setdefault(passage, place))
        elif skip_unknown:
            done.unknown += 1
        else:
            raise unknown(place, given, known.resolve)
    return judged, not expected


def _judge(where: str, judged: dict[str, int], passage: str, score: int, before: str) -> None:
    if judged.setdefault(passage, score) != score:
        first = f" (the first in {before})" if before != where else ""
        raise InputError(
            f"{where}: {passage!r} is judged {judged[passage]} and {score} for one question{first}; keep one "
            "of them."
        )


def _unanswerable(where: str, fields: Mapping[str, Any], empty: bool) -> bool:
    marks = {
        _mark(where, fields.get("answerable"), True),
        _mark(where, fields.get("unanswerable"), False),
    } - {None}
    if len(marks) > 1 or marks == {not empty}:
        says = "names ids" if not empty else "names no id"
        raise InputError(f"{where}: the question {says} and its mark says otherwise; mend one of them.")
    if empty and not marks and fields.get("expected") is None:
        raise InputError(
            f"{where}: nothing says which chunks answer the question; name their ids (--field "
            "expected=THEIRS says where they "
            "stand), or mark it `answerable: false` or give an empty list if none does."
        )
    return empty


def _mark(where: str, value: Any, positive: bool) -> bool | None:  # noqa: ANN401 - any JSON value
    """Return whether a mark says that there is no answer; None where there is no mark."""
    if value is None or value == "":
        return None
    says = WORDS.get(str(value).strip().lower())
    if says is None:
        raise InputError(f"{where}: {value!r} marks nothing as answerable or not; use true or false.")
    return says != positive


def _joined(asked: Sequence[Asked], done: Questions) -> list[Asked]:
    first: dict[tuple[str, str], Asked] = {}
    for question in asked:
        one = first.setdefault((same(question.given), question.text), question)
        if one is question:
            continue
        done.joined += 1
        if one.unanswerable != question.unanswerable:
            raise InputError(
                f"{question.where}: the question names no id here and one in {one.where}, or the "
                "reverse; mend one."
            )
        for passage, score in question.judged.items():
            _judge(question.where, one.judged, passage, score, one.where)
        one.metadata.update(
            {key: value for key, value in question.metadata.items() if key not in one.metadata}
        )
    return list(first.values())


def check_judged(file: object, questions: Questions) -> None:
    """Refuse questions of which none has a relevant passage.

    Raises:
        InputError: there is no question, or every score is 0.

    """
    if not questions.records and not questions.unanswerable:
        raise InputError(f"{file}: no question is left.")
    if questions.records and not any(score for _, _, score in questions.judgements):
        raise InputError(
            f"{file}: judges no passage relevant to any question; scores above 0 say what is relevant."
        )
