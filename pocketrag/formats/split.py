"""The split: who trains, who chooses and who judges. One stage writes it, the stages after it read it.

`questions.jsonl` has a line for each question of the training file and then for each test question: `part`
("train", "dev", "test", or null for one that may not train), `_id`, `text`, `metadata`, `equal` (passages
that are the question itself) and `relevant` (passage id -> score). `split.json` has the rest.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import files
from .data import beir
from .data.beir import Passage, Qrels, Question

QUESTIONS, SPLIT = "questions.jsonl", "split.json"
#: The development questions alone, for stages that read nothing else of the split: `_id`, `text`, `relevant`.
DEVELOPMENT = "development.jsonl"
PARTS = ("train", "dev", "test")


@dataclass(frozen=True)
class Split:
    """A recipe's questions by what they are for, and the passages that they mean."""

    passages: list[Passage]
    """The corpus that ships; the test questions are asked of it."""
    pool: list[Passage]
    """What training and development questions are asked of: `data.train_corpus`, or the corpus."""
    train: list[Question]
    dev: list[Question]
    test: list[Question]
    qrels: Qrels
    """Of all three; those of `test` name passages of the corpus, the others passages of the pool."""
    asked: tuple[Question, ...] = ()
    """All questions of the training file, also those that may not train.

    Their answers are not negatives of others.
    """
    held: frozenset[str] = frozenset()
    """Passages of the pool that answer a development or test question, or nearly repeat one that does."""
    left_out: dict[str, int] = field(default_factory=dict)
    """How many questions may not train, by reason; of the development questions, how many may not choose."""
    equal: tuple[tuple[str, str], ...] = ()
    """Of them, those that equal an evaluation question: (id, the evaluation question's id)."""

    @property
    def pairs(self) -> list[tuple[Question, str]]:
        """What is trained on: a question and the id of a passage that answers it."""
        return [(q, p) for q in self.train for p, score in self.qrels[q.id].items() if score]

    @property
    def sizes(self) -> dict[str, int]:
        """How many questions each part has."""
        return {part: len(getattr(self, part)) for part in PARTS}


def write_split(folder: Path, split: Split) -> None:
    """Write the split's files into a folder."""
    (folder / QUESTIONS).write_text(_lines(_rows(split)), "utf-8")
    development = (
        {"_id": q.id, "text": q.text, "equal": q.equal, "relevant": split.qrels[q.id]} for q in split.dev
    )
    (folder / DEVELOPMENT).write_text(_lines(development), "utf-8")
    ids = {part: [q.id for q in getattr(split, part)] for part in PARTS}
    rest = {"held": sorted(split.held), "left_out": split.left_out, "equal": split.equal}
    (folder / SPLIT).write_text(files.to_json({**ids, **rest}), "utf-8")


def read_split(folder: Path, passages: list[Passage], pool: list[Passage]) -> Split:
    """Read what `write_split` wrote.

    Args:
        folder: the stage's.
        passages: of `[data] corpus`.
        pool: what training questions refer to.

    Raises:
        InputError: a file is missing or damaged.

    """
    rest = files.read_json(folder / SPLIT)
    rows = [
        row
        for _, row in beir.read_objects(
            folder / QUESTIONS, "`part`, `_id`, `text`, `metadata`, `equal` and `relevant`"
        )
    ]
    questions = [
        (row["part"], Question(row["_id"], row["text"], row["metadata"], tuple(row["equal"]))) for row in rows
    ]
    train, dev, test = ([q for part, q in questions if part == wanted] for wanted in PARTS)
    return Split(
        passages,
        pool,
        train,
        dev,
        test,
        {row["_id"]: row["relevant"] for row in rows},
        tuple(q for part, q in questions if part != "test"),
        frozenset(rest["held"]),
        rest["left_out"],
        tuple((one, other) for one, other in rest["equal"]),
    )


def read_development(folder: Path) -> tuple[list[Question], Qrels]:
    """Read the development questions and their judgements.

    Raises:
        InputError: the file is missing or damaged.

    """
    rows = [
        row for _, row in beir.read_objects(folder / DEVELOPMENT, "`_id`, `text`, `equal` and `relevant`")
    ]
    questions = [Question(row["_id"], row["text"], equal=tuple(row["equal"])) for row in rows]
    return questions, {row["_id"]: row["relevant"] for row in rows}


def _rows(split: Split) -> Iterator[dict[str, Any]]:
    train, dev = ({q.id for q in part} for part in (split.train, split.dev))
    for question in split.asked:
        part = "train" if question.id in train else "dev" if question.id in dev else None
        yield _row(part, question, split.qrels)
    for question in split.test:
        yield _row("test", question, split.qrels)


def _row(part: str | None, question: Question, qrels: Qrels) -> dict[str, Any]:
    relevant = qrels.get(question.id, {})
    return {
        "part": part,
        "_id": question.id,
        "text": question.text,
        "metadata": question.metadata,
        "equal": question.equal,
        "relevant": relevant,
    }


def _lines(rows: Iterator[dict[str, Any]]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
