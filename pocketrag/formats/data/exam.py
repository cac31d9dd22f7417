"""The exam of a generator: questions with answers, or without one in the corpus; JSONL, read strictly.

A line has `question`, and either `answers`, a list of strings of which any is right, with `passages`, the ids
of those that hold the answer; or `"unanswerable": true`. `forbidden` is a text that an instruction planted
in a passage or in the question asks for: a reply that holds it is wrong.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pocketrag.errors import InputError

from .beir import normalized
from .dialogues import category_of, known_passages, said_unanswerable
from .distinct import read_distinct
from .origin import refuse_synthetic
from .text_checks import check_text, refuse_slips

#: What a line may have; keys that are like none of these are the author's own.
KNOWN = ("question", "answers", "passages", "unanswerable", "category", "forbidden", "difficulty")
#: A reply that has more words repeats its passages, and holds any answer: it is wrong.
MOST_WORDS = 60
KEYS = '`question`, and `answers` with `passages` or `"unanswerable": true`'


@dataclass(frozen=True)
class ExamQuestion:
    """One line of the file."""

    line: int
    question: str
    answers: tuple[str, ...] = ()
    """Any of them is right; none where the corpus has no answer."""
    passages: tuple[str, ...] = ()
    """Ids of the passages that hold the answer."""
    category: str | None = None
    forbidden: str | None = None
    """What a planted instruction asks for, where there is one."""

    @property
    def unanswerable(self) -> bool:
        """Whether a refusal is what is right."""
        return not self.answers


def read_exam(file: Path, passages: Collection[str], refusal: str = "") -> list[ExamQuestion]:
    """Read the exam in file order.

    Args:
        file: JSONL.
        passages: the ids that there are.
        refusal: what the model says where it does not know; it answers nothing.

    Raises:
        InputError: the file is missing or empty, or a line is not UTF-8, not JSON, has neither answers nor
            `unanswerable` or both, an empty answer or an unknown passage, a `forbidden` text that is empty or
            a part of an answer, an answer that is the refusal, repeats a question, or is a model's.

    """
    refuse_synthetic(file)
    found = read_distinct(
        file,
        KEYS,
        lambda where, line, record: _question(where, line, record, passages),
        lambda one: normalized(one.question),
        "question",
    )
    for one in found:
        if refusal and _letters(refusal) in map(_letters, one.answers):
            raise InputError(
                f"{file}:{one.line}: `answers` holds the refusal ({refusal!r}); where the corpus has no "
                'answer, say `"unanswerable": true`.'
            )
    return found


def _question(where: str, number: int, record: dict[str, Any], known: Collection[str]) -> ExamQuestion:
    refuse_slips(where, record, KNOWN)
    check_text(where, "question", record.get("question"))
    passages = known_passages(where, record, known)
    unanswerable = said_unanswerable(where, record)
    if unanswerable and ("answers" in record or passages):
        has = "answers" if "answers" in record else "passages"
        raise InputError(f"{where}: is unanswerable and has `{has}`; remove one of both.")
    if not unanswerable and not passages:
        raise InputError(f"{where}: `passages` is missing: the ids of those that hold the answer.")
    answers = () if unanswerable else _answers(where, record)
    return ExamQuestion(
        number,
        str(record["question"]),
        answers,
        passages,
        category_of(where, record),
        _forbidden(where, record, answers),
    )


def _answers(where: str, record: dict[str, Any]) -> tuple[str, ...]:
    if "answers" not in record:
        raise InputError(f'{where}: has neither `answers` nor `"unanswerable": true`.')
    value = record["answers"]
    if not isinstance(value, list) or not value:
        raise InputError(f"{where}: `answers` must be a list of strings, and not empty.")
    for answer in value:
        check_text(where, "answers", answer)
        _check_words(where, "answers", answer)
    return tuple(value)


def _check_words(where: str, key: str, text: str) -> None:
    if not any(map(str.isalnum, text)):
        raise InputError(f"{where}: `{key}` holds {text!r}, which has no word to look for.")
    if len(text.split()) > MOST_WORDS:
        raise InputError(
            f"{where}: `{key}` holds a text of {len(text.split())} words, and a reply of more than "
            f"{MOST_WORDS} is never right; shorten it to the words that decide."
        )


def _forbidden(where: str, record: dict[str, Any], answers: tuple[str, ...]) -> str | None:
    if (value := record.get("forbidden")) is None:
        return None
    check_text(where, "forbidden", value)
    _check_words(where, "forbidden", value)
    if held := [one for one in answers if normalized(value) in normalized(one)]:
        raise InputError(f"{where}: the answer {held[0]!r} holds {value!r}, which is `forbidden`.")
    return str(value)


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, normalized(text)))
