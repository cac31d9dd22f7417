"""The reference model's vectors: every passage and a sample of questions, embedded once in float32.

Losses are measured against them.

Where texts changed and nothing else, only those are embedded again (`pocketrag.reference.reuse`).
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from pocketrag.formats.data import beir
from pocketrag.formats.facts.reference import ReferenceFacts
from pocketrag.formats.prompts import Prompts
from pocketrag.recipe import long_passages
from pocketrag.recipe.recipe import Recipe
from pocketrag.sampling import spread

from . import float_model, reuse
from .shards import Shards

#: The folder of an earlier run that this processor made, if any.
Earlier = Callable[[str], Path | None]
PASSAGES, QUESTIONS = "passages.npy", "questions.npy"
#: Questions on which a quantized model's top passages are compared with the model's; the interval of a mean
#: overlap is then ± .004.
SAMPLE = 1000
#: Passages that an interrupted run loses at most: half a minute of EmbeddingGemma's on two cores.
SHARD = 64


def agreement_questions(recipe: Recipe) -> list[str]:
    """Return the questions on which agreement with the model is measured.

    Unjudged ones, or the judged where there are none.

    Unjudged ones choose neither the vocabulary nor a quantization's levels.
    """
    if recipe.data.unjudged:
        unjudged = beir.read_unjudged(recipe.data.unjudged)
        # The others choose the vocabulary and calibrate the quantization: at least half is theirs.
        return spread(unjudged, min(SAMPLE, -(-len(unjudged) // 2)))
    return spread([q.text for q in recipe.data.questions()], SAMPLE)


def other_questions(recipe: Recipe) -> list[str]:
    """Return the unjudged questions on which nothing is measured."""
    measured = set(agreement_questions(recipe))
    return (
        [text for text in beir.read_unjudged(recipe.data.unjudged) if text not in measured]
        if recipe.data.unjudged
        else []
    )


def embed(
    recipe: Recipe, prompts: Prompts, embedder: Path, out: Path, earlier: Earlier, kept: Path
) -> ReferenceFacts:
    """Embed all passages and the agreement questions with a float model, into the folder `out`.

    The vectors are float32 [n, dims].

    Args:
        recipe: whose passages and questions.
        prompts: what stands around them.
        embedder: the float model's folder.
        out: takes `PASSAGES` and `QUESTIONS`.
        earlier: gives the folder of an earlier run, by the processor that made it.
        kept: takes what an interrupted run has embedded.

    Raises:
        InputError: a passage is longer than the model takes, and the recipe says to fail.

    """
    model, processor = float_model.load_float(embedder), float_model.processor()
    before = earlier(processor)
    passages = _passages(recipe, prompts, model, before, out, Shards(kept, processor, SHARD))
    count = _questions(recipe, prompts, model, before, out)
    return ReferenceFacts.model_validate({**passages, "processor": processor, "questions": count})


def embed_questions(
    recipe: Recipe,
    prompts: Prompts,
    embedder: Path,
    out: Path,
    earlier: Earlier,
    base: Path,
    facts: ReferenceFacts,
) -> ReferenceFacts:
    """Embed the agreement questions alone, and copy the base's vectors of the passages.

    Args:
        recipe: whose passages and questions.
        prompts: what stands around them.
        embedder: the folder of the float model that was tuned on questions.
        out: takes `PASSAGES` and `QUESTIONS`.
        earlier: gives the folder of an earlier run, by the processor that made it.
        base: holds what `embed` wrote with the base.
        facts: what that said.

    """
    model, processor = float_model.load_float(embedder), float_model.processor()
    shutil.copyfile(base / PASSAGES, out / PASSAGES)
    count = _questions(recipe, prompts, model, earlier(processor), out)
    return facts.into(
        ReferenceFacts,
        embedded=0,
        reused=facts.passages,
        processor=processor,
        questions=count,
        passages_of="base",
    )


def _questions(
    recipe: Recipe,
    prompts: Prompts,
    model: Any,  # noqa: ANN401
    before: Path | None,
    out: Path,
) -> int:
    # Without judged questions nothing is evaluated, agreement neither.
    asked = agreement_questions(recipe) if recipe.data.has_questions else []
    questions = [prompts.ask(text) for text in asked]

    def compute(rows: list[int]) -> np.ndarray:
        return float_model.encode(model, [questions[row] for row in rows])

    # Short texts each alone take EmbeddingGemma 1.3 times as long, on busy cores more; a changed corpus
    # leaves them as they were.
    vectors, _ = reuse.with_reused(questions, compute, out / QUESTIONS, before, "questions", whole=True)
    np.save(out / QUESTIONS, vectors)
    return len(questions)


def read_vectors(folder: Path, name: str, dims: int | None = None) -> np.ndarray:
    """Return `PASSAGES` or `QUESTIONS` float32 [n, dims].

    Fewer dims are the first ones, at unit length again (Matryoshka).
    """
    return shorten(np.load(folder / name, allow_pickle=False), dims)


def shorten(vectors: np.ndarray, dims: int | None) -> np.ndarray:
    """Return the first `dims` of unit vectors [n, all dims], at unit length again (https://arxiv.org/abs/2205.13147)."""
    if dims is None or dims == vectors.shape[1]:
        return vectors
    short = vectors[:, :dims]
    return np.asarray(short / np.linalg.norm(short, axis=1, keepdims=True), np.float32)


def _passages(
    recipe: Recipe,
    prompts: Prompts,
    model: Any,  # noqa: ANN401
    earlier: Path | None,
    out: Path,
    shards: Shards,
) -> dict[str, int]:
    corpus, policy = recipe.data.passages(), recipe.export.long_passages
    texts, longest = [prompts.passage(p.title, p.text) for p in corpus], int(model.max_seq_length)
    rows = float_model.tokenize_all(model, texts, "Counting the passages' tokens")
    counts = {p.id: len(row) for p, row in zip(corpus, rows, strict=True)}
    over = long_passages.refuse(policy, recipe.data.corpus, counts, longest)

    def encode(some: list[str]) -> np.ndarray:
        return float_model.encode_passages(model, some, policy, float_model.encode_each)

    def embed(rows: list[int]) -> np.ndarray:
        return shards.embed([texts[row] for row in rows], encode, f"Embedding {len(rows):,} passages")

    vectors, facts = reuse.with_reused(texts, embed, out / PASSAGES, earlier)
    np.save(out / PASSAGES, vectors)
    return {"passages": len(texts), "over_length": over, "longest": longest, **facts}
