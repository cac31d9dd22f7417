"""How the vectors of one question encoder are joined with full text: chosen on the recipe's own questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pocketrag.console import status
from pocketrag.formats.data.beir import Passage, Qrels, Question
from pocketrag.formats.facts.index import FusionChoice
from pocketrag.formats.split import read_development
from pocketrag.pipeline.stage import Job
from pocketrag.recipe.recipe import Recipe
from pocketrag.reference.common_words import common_words
from pocketrag.runtime import ranking
from pocketrag.runtime.embedder import LiteRtEmbedder
from pocketrag.runtime.full_text import full_text
from pocketrag.runtime.vectors import Vectors
from pocketrag.runtime.words import Words, count_words, stemmer, with_stems

from .fusion import Chosen, Usual, choose, unmeasured

#: Words of a language that questions may have: their stems are looked up beside those of the passages.
COMMON = 50_000


@dataclass(frozen=True)
class Asked:
    """The questions on which the ways to search are compared."""

    what: Chosen
    questions: list[Question]
    judged: Qrels


def choose_way(
    job: Job,
    passages: Sequence[Passage],
    vectors: np.ndarray,
    words: Mapping[bool, Words],
    lite: LiteRtEmbedder,
    usual: Usual = "dense",
) -> FusionChoice:
    """Return how to search with the question vectors of `lite`.

    Args:
        job: whose stage `split`, if it reads one, has the development questions; else all judged ones choose.
        passages: of the corpus.
        vectors: of the passages, float32 [n, dims].
        words: what full text looks up, by whether it knows stems; only these are tried.
        lite: embeds questions.
        usual: what is chosen where neither is shown to be better.

    """
    asked = _asked(job)
    if asked is None:
        return unmeasured(True in words)
    status(f"comparing ways to search on {len(asked.questions)} {asked.what} questions")
    dense = _dense(passages, vectors, lite, asked.questions)
    lexical = {stems: full_text(passages, asked.questions, found) for stems, found in words.items()}
    return choose(dense, lexical, asked.judged, asked.what, {q.id: q.equal for q in asked.questions}, usual)


def corpus_words(recipe: Recipe, passages: Sequence[Passage]) -> dict[bool, Words]:
    """Return what full text looks up, by whether it knows stems; plain words alone without a language."""
    plain = {False: count_words(passages)}
    if (language := recipe.search.language) is None:
        return plain
    return {**plain, True: with_stems(passages, stemmer(language), common_words(language, COMMON))}


def _asked(job: Job) -> Asked | None:
    if not job.recipe.data.has_questions:
        return None
    if (split := job.inputs.get("split")) is None:
        _, questions, judged = job.recipe.data.judged()
        return Asked("judged", questions, judged)
    return Asked("development", *read_development(split.folder))


def _dense(
    passages: Sequence[Passage], vectors: np.ndarray, lite: LiteRtEmbedder, questions: list[Question]
) -> ranking.Run:
    scale = ranking.corpus_scale(vectors)
    order = sorted(range(len(passages)), key=lambda i: passages[i].id)
    stored = Vectors([passages[i].id for i in order], ranking.quantize(vectors[order], scale), scale)
    asked = lite.embed_many([lite.spec.prompts.ask(q.text) for q in questions], "Embedding questions")
    return {q.id: stored.nearest(v, ranking.DEPTH) for q, v in zip(questions, asked, strict=True)}
