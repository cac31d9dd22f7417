"""Both sides of a comparison with the reference model: the same texts embedded, padded and ranked.

Measures, judges nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pocketrag import console
from pocketrag.errors import InputError
from pocketrag.formats.data.beir import Passage, Qrels, Question
from pocketrag.formats.facts.measures import CosineOfTexts
from pocketrag.formats.facts.parity import Padding
from pocketrag.formats.golden import TOP
from pocketrag.formats.tokenizer import shortest
from pocketrag.reference import float_model
from pocketrag.reference.float_vectors import shorten
from pocketrag.runtime import ranking
from pocketrag.runtime.ranking import Ranked
from pocketrag.sampling import spread

from .subject import Subject

#: Texts that are put through every length.
PADDED = 32


@dataclass(frozen=True)
class Asked:
    """What both sides are asked."""

    passages: list[Passage]
    questions: list[Question]
    judged: Qrels | None


@dataclass(frozen=True)
class Both:
    """The same texts through both sides.

    Vectors float32 [n, dims], of the reference model by its own prompts, at unit length.
    """

    texts: list[str]
    ids: list[list[int]]
    shipped: np.ndarray
    reference: np.ndarray


def texts_of(subject: Subject, asked: Asked, sample: int) -> list[str]:
    """Return the texts that are compared one by one, prompted.

    Questions and passages, evenly spread, nothing twice.
    """
    prompts = subject.spec.prompts
    questions = [prompts.ask(q.text) for q in spread(asked.questions, sample)]
    passages = [prompts.passage(p.title, p.text) for p in spread(asked.passages, sample)]
    return list(dict.fromkeys([*questions, *passages]))


def embed(subject: Subject, reference: Any, texts: list[str]) -> Both:  # noqa: ANN401
    """Embed the texts that fit through both sides.

    Raises:
        InputError: none fits.

    """
    # What doesn't fit is cut on one side only: it says nothing about the conversion.
    longest = min(subject.spec.lengths[-1], int(reference.max_seq_length))
    rows = {text: subject.model.tokenize(text) for text in texts}
    fitting = [text for text, row in rows.items() if len(row) <= longest]
    if not fitting:
        raise InputError(
            f"{subject.name}: no text fits its longest length, {subject.spec.lengths[-1]} tokens."
        )
    ids = [rows[text] for text in fitting]
    shipped = subject.model.embed_rows(ids, "fail", "Embedding as shipped")
    return Both(fitting, ids, shipped, shorten(float_model.encode(reference, fitting), subject.spec.dims))


def cosines(subject: Subject, both: Both) -> tuple[CosineOfTexts, dict[int, CosineOfTexts]]:
    """Return mean and least cosine of both sides, over all texts and by the length that they go through."""
    values = np.array([ranking.cosine(a, b) for a, b in zip(both.shipped, both.reference, strict=True)])
    lengths = np.array([shortest(subject.spec.lengths, len(ids)) for ids in both.ids])
    by = {size: _summary(values[lengths == size]) for size in subject.spec.lengths if (lengths == size).any()}
    return _summary(values), by


def _summary(values: np.ndarray) -> CosineOfTexts:
    return CosineOfTexts(
        n=len(values), mean=round(float(values.mean()), 6), least=round(float(values.min()), 6)
    )


def padding(subject: Subject, both: Both) -> Padding:
    """Return the least cosine of one text through two lengths: what is padded must not matter."""
    cosines, short = [1.0], [ids for ids in both.ids if len(ids) <= subject.spec.lengths[0]]
    rows = spread(short or both.ids, PADDED)
    for ids in console.progress(rows, "Padding to every length"):
        first, *others = [
            subject.model.embed_ids(ids, size) for size in subject.spec.lengths if size >= len(ids)
        ]
        cosines += [ranking.cosine(first, other) for other in others]
    return Padding(n=len(rows), least=round(min(cosines), 6))


def run_reference(subject: Subject, reference: Any, asked: Asked) -> dict[str, Ranked]:  # noqa: ANN401
    """Rank all passages for every question with the reference model alone, in float32, by question id.

    Where questions alone were tuned, it ranks the vectors that the base made.
    """
    prompts, ids = subject.spec.prompts, [p.id for p in asked.passages]
    vectors = float_model.encode(reference, [prompts.ask(q.text) for q in asked.questions])
    if (documents := subject.stored()) is None:
        documents = float_model.encode_passages(
            reference, [prompts.passage(p.title, p.text) for p in asked.passages], subject.policy
        )
    else:
        vectors = shorten(vectors, documents.shape[1])
    return ranking.dense_float_all(vectors, [q.id for q in asked.questions], ids, documents)


def run_shipped(subject: Subject, asked: Asked) -> dict[str, Ranked]:
    """Rank all passages for every question as the app does; a bare model ranks with its own float vectors."""
    prompts, ids = subject.spec.prompts, [p.id for p in asked.passages]
    documents = None
    if subject.rag is None:
        rows = [subject.model.tokenize(prompts.passage(p.title, p.text)) for p in asked.passages]
        documents = subject.model.embed_rows(rows, subject.policy, "Embedding the passages as shipped")
    vectors = subject.model.embed_many([prompts.ask(q.text) for q in asked.questions], "Asking as shipped")
    return {
        q.id: subject.rank(vector, ids, documents) for q, vector in zip(asked.questions, vectors, strict=True)
    }


def top(ranked: Sequence[tuple[str, float]]) -> set[str]:
    """Return the ids of the best passages."""
    return {id_ for id_, _ in ranked[:TOP]}
