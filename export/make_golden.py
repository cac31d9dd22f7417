"""Make the golden file of an encoder.

Its reference's vectors come from PyTorch, the shipped model's and the ranking from the runtime.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import numpy as np

from pocketrag.formats.golden import ASKED, OWN, TOP, Golden, Text, pack
from pocketrag.recipe.recipe import Recipe
from pocketrag.reference import float_model
from pocketrag.reference.float_vectors import shorten
from pocketrag.reference.stand_ins import questions_of
from pocketrag.runtime.rag import Rag
from pocketrag.sampling import spread

#: n texts -> their vectors float [n, dims].
Embed: TypeAlias = Callable[[list[str]], np.ndarray]

QUESTIONS, PASSAGES = 32, 16
MODES = ("dense", "bm25", "hybrid")


def make_golden(recipe: Recipe, rag: Rag, model_id: str, twin: Embed, teacher: Embed | None = None) -> Golden:
    """Return the golden texts of an encoder: questions and passages evenly spread over the recipe's files.

    Without questions the passages' titles and first sentences are asked.

    Args:
        recipe: whose files they are from.
        rag: the encoder alone, and the bundle's database.
        model_id: the bundle's.
        twin: the encoder's own reference, of prompted texts.
        teacher: of a student, the teacher in float32, of questions as they are asked: its prompt may be
            another.

    """
    spec = rag.embedder.spec
    questions = spread(questions_of(recipe), QUESTIONS)
    passages = [spec.prompts.passage(p.title, p.text) for p in recipe.data.passages()]
    whole = _fitting(passages, lambda text: len(rag.embedder.tokenize(text)) <= spec.lengths[-1])
    entries = distinct(
        [(q, spec.prompts.ask(q)) for q in questions] + [(None, text) for text in spread(whole, PASSAGES)]
    )
    asked = [question for question, _ in entries if question]
    taught = dict(zip(asked, teacher(asked), strict=True)) if teacher and asked else {}
    texts = [
        Text(
            question=question,
            prompted=text,
            ids=rag.embedder.ids(text),
            twin=pack(vector),
            shipped=pack(rag.embedder.embed(text)),
            teacher=pack(taught[question]) if question in taught else None,
            top={mode: top(rag, question, mode) for mode in MODES} if question else {},
        )
        for (question, text), vector in zip(entries, twin([text for _, text in entries]), strict=True)
    ]
    return Golden(model_id=model_id, questions=ASKED if recipe.data.has_questions else OWN, texts=texts)


def by_reference(reference: Path, dims: int) -> Embed:
    """Return the reference model of the full encoder, its vectors cut to `dims`."""

    def embed(texts: list[str]) -> np.ndarray:
        model = float_model.load_float(reference)
        return shorten(float_model.encode(model, texts, progress=False), dims)

    return embed


def _fitting(passages: list[str], fits: Callable[[str], bool]) -> list[str]:
    """Return the passages that the longest length holds; where these are few, beginnings of others too."""
    whole = [text for text in passages if fits(text)]
    kept = set(whole)
    others = [text for text in passages if text not in kept]
    return whole + [_beginning(text, fits) for text in spread(others, max(0, PASSAGES - len(whole)))]


def _beginning(text: str, fits: Callable[[str], bool]) -> str:
    while not fits(text):
        text = text[: len(text) // 2].rstrip()
    return text


def distinct(entries: list[tuple[str | None, str]]) -> list[tuple[str | None, str]]:
    """Return (question, prompted text) without those whose prompted text stood before."""
    first: dict[str, tuple[str | None, str]] = {}
    for entry in entries:
        first.setdefault(entry[1], entry)
    return list(first.values())


def top(rag: Rag, question: str, mode: str) -> list[str]:
    """Return the ids of the best passages."""
    return [id_ for id_, _ in rag.rank(question, mode=mode)[:TOP]]  # type: ignore[arg-type]
