"""Split questions so that no passage stands on both sides."""

from __future__ import annotations

import hashlib
from collections import defaultdict

from pocketrag.formats.data.beir import Qrels, Question, normalized

#: Share of the questions that is kept: 80/20, once for the test questions and once more for the development
#: questions.
KEPT = 0.8


def split_by_passage(
    questions: list[Question], qrels: Qrels, seed: int, label: str
) -> tuple[list[Question], list[Question]]:
    """Return (kept, held out), about 80/20.

    Questions that share a passage, or a text, stay together.

    Deterministic in the ids and the seed, not in the file's order; adding questions moves few others.
    """
    groups = _groups(questions, qrels)
    order = sorted(
        groups,
        key=lambda group: hashlib.sha256(f"{label}:{seed}:{min(q.id for q in group)}".encode()).digest(),
    )
    held: list[Question] = []
    for group in order:
        if len(held) + len(group) / 2 <= (1 - KEPT) * len(questions):
            held.extend(group)
    out = {q.id for q in held}
    return [q for q in questions if q.id not in out], [q for q in questions if q.id in out]


def _groups(questions: list[Question], qrels: Qrels) -> list[list[Question]]:
    # Connected components of questions over the passages (and texts) they share, by union-find.
    parent = {q.id: q.id for q in questions}

    def root(id_: str) -> str:
        while parent[id_] != id_:
            parent[id_] = parent[parent[id_]]
            id_ = parent[id_]
        return id_

    first: dict[str, str] = {}
    for question in questions:
        for shared in (
            normalized(question.text),
            *(f"passage:{p}" for p, score in qrels[question.id].items() if score),
        ):
            parent[root(question.id)] = root(first.setdefault(shared, question.id))
    groups: dict[str, list[Question]] = defaultdict(list)
    for question in questions:
        groups[root(question.id)].append(question)
    return list(groups.values())
