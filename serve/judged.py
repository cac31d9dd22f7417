"""Judged questions with the ranks of their passages, worst first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pocketrag.errors import InputError
from pocketrag.formats.data import beir
from pocketrag.formats.data.beir import Passage, Question
from pocketrag.runtime.rag import Rag
from pocketrag.runtime.ranking import DEPTH


@dataclass(frozen=True)
class JudgedFiles:
    """The questions, and where their judgements are."""

    questions: Sequence[Question]
    qrels: Path


class Judged:
    """The questions of a server, if it was given some."""

    def __init__(self, files: JudgedFiles | None) -> None:
        """Take what was read."""
        self._files = files

    def __bool__(self) -> bool:
        """Say whether there are any."""
        return self._files is not None

    def ranks(self, rag: Rag) -> list[dict[str, Any]]:
        """Return each question, that passage of its relevant ones which is first, and its rank.

        The rank is null where it is not among the first 100.

        Raises:
            InputError: the judgements name a passage that the bundle does not hold.

        """
        if self._files is None:
            return []
        questions = self._files.questions
        passages = [Passage(id_, "", "", {}) for id_ in rag.database.ids]
        qrels = beir.read_qrels(self._files.qrels, list(questions), passages)
        asked = [question for question in questions if any(qrels.get(question.id, {}).values())]
        answers = rag.search_many([question.text for question in asked], DEPTH)
        rows = [
            _row(rag, question.text, qrels[question.id], [hit.id for hit in answer.hits])
            for question, answer in zip(asked, answers, strict=True)
        ]
        return sorted(rows, key=lambda row: -(row["rank"] or DEPTH + 1))


def read_judged_questions(queries: str | None, qrels: str | None) -> JudgedFiles | None:
    """Read the questions; None where none are given.

    Raises:
        InputError: one of both files is missing, or the questions can't be read.

    """
    if (queries is None) != (qrels is None):
        raise InputError("--queries and --qrels: give both, or none.")
    if queries is None or qrels is None:
        return None
    if not Path(qrels).is_file():
        raise InputError(f"--qrels {qrels}: no such file.")
    return JudgedFiles(beir.read_questions(Path(queries)), Path(qrels))


def _row(rag: Rag, question: str, judged: Mapping[str, int], ranked: Sequence[str]) -> dict[str, Any]:
    relevant = [id_ for id_, score in judged.items() if score > 0]
    rank = next((n for n, id_ in enumerate(ranked, start=1) if id_ in relevant), None)
    best = ranked[rank - 1] if rank else max(relevant, key=lambda id_: judged[id_])
    return {"question": question, "rank": rank, "passage": best, "title": rag.database.passage(best)["title"]}
