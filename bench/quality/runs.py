"""Dense ranking of judged questions, in float32 or through the runtime, with the judged passages' scores."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from pocketrag.console import progress
from pocketrag.formats.data.beir import Passage, Qrels, Question
from pocketrag.formats.prompts import Prompts
from pocketrag.reference import float_model, metrics
from pocketrag.runtime import ranking
from pocketrag.runtime.rag import Rag
from pocketrag.runtime.ranking import Ranked, Run

#: The extra row of a dense model's scores: mean cosine of a question with its judged passages.
SIMILARITY = "similarity"
#: A run, and by question the mean cosine with its judged passages.
Dense = tuple[Run, dict[str, float]]


def rank_vectors(
    asked: np.ndarray,
    documents: np.ndarray,
    questions: list[Question],
    passages: list[Passage],
    judged: Qrels,
) -> Dense:
    """Rank float32 documents [n, dims] for the questions asked [m, dims], both at unit length."""
    names, ids = [q.id for q in questions], [p.id for p in passages]
    row, place = dict(zip(names, asked, strict=True)), {id_: n for n, id_ in enumerate(ids)}

    def score(question: str, relevant: list[str]) -> Ranked:
        return ranking.dense_float(
            row[question], relevant, documents[[place[p] for p in relevant]], len(relevant)
        )

    run = ranking.dense_float_all(asked, names, ids, documents)
    return metrics.without_equal(run, questions), _similarity(judged, score)


def rank_embedder(
    folder: Path, prompts: Prompts, questions: list[Question], passages: list[Passage], judged: Qrels
) -> Dense:
    """Embed and rank with an embedder's folder, in float32, asked by these prompts."""
    documents, asked = embedded(folder, prompts, questions, passages)
    return rank_vectors(asked, documents, questions, passages, judged)


def embedded(
    folder: Path,
    prompts: Prompts,
    questions: list[Question],
    passages: list[Passage],
    documents: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the passages' and the questions' vectors by an embedder's folder, both float32 [n, dims].

    The passages are not embedded where `documents` are their vectors.
    """
    model = float_model.load_float(folder)
    if documents is None:
        documents = float_model.encode(model, [prompts.passage(p.title, p.text) for p in passages])
    return documents, float_model.encode(model, [prompts.ask(q.text) for q in questions])


def rank_shipped(rag: Rag, questions: list[Question], judged: Qrels) -> Dense:
    """Rank through the runtime; the similarity is the int8 search's own score."""
    row = {q.id: rag.embed(q.text) for q in progress(questions, "Searching (dense)")}
    vectors = rag.corpora[0].vectors

    def score(question: str, relevant: list[str]) -> Ranked:
        return vectors.nearest(row[question], len(relevant), set(relevant))

    run = {q: rag.nearest(vector, ranking.DEPTH) for q, vector in row.items()}
    return metrics.without_equal(run, questions), _similarity(judged, score)


def best(run: Run) -> np.ndarray:
    """Return the score of every question's first passage, float64 [n]."""
    return np.array([ranked[0][1] for ranked in run.values() if ranked])


def _similarity(judged: Qrels, score: Callable[[str, list[str]], Ranked]) -> dict[str, float]:
    relevant = {
        question: [p for p, relevance in row.items() if relevance] for question, row in judged.items()
    }
    return {
        question: float(np.mean([s for _, s in score(question, ids)])) for question, ids in relevant.items()
    }
