"""`pocketrag index`: passages -> `embeddings.npy` and `corpus.db`.

Embedded with the reference model or the one that ships.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pocketrag.console import status
from pocketrag.formats import files
from pocketrag.formats.data.beir import Passage, Qrels, Question
from pocketrag.formats.embedder.embedder_spec import EmbedderSpec
from pocketrag.formats.facts.index import FusionChoice, IndexFacts
from pocketrag.formats.identity import model_id_of
from pocketrag.formats.layout import DATABASE, MODEL, SPEC
from pocketrag.formats.split import read_development
from pocketrag.pipeline.stage import Job, Stage
from pocketrag.recipe.recipe import Recipe
from pocketrag.reference.float_vectors import PASSAGES, read_vectors
from pocketrag.runtime import ranking
from pocketrag.runtime.embedder import LiteRtEmbedder
from pocketrag.runtime.full_text import full_text
from pocketrag.runtime.vectors import Vectors
from pocketrag.runtime.words import Words, count_words, stemmer, with_stems

from .database.embed import COUNTED, EMBEDDINGS, shipped_vectors
from .database.fusion import Chosen, choose, unmeasured
from .database.write import write_database
from .vocabulary.common_words import common_words

#: Words of a language that questions may have: their stems are looked up beside those of the passages.
COMMON = 50_000


@dataclass(frozen=True)
class Asked:
    """The questions on which the ways to search are compared."""

    what: Chosen
    questions: list[Question]
    judged: Qrels


def index(job: Job) -> IndexFacts:
    """Embed all passages, choose how vectors and full text are joined, and write the database.

    Raises:
        InputError: a passage is longer than the embedding model takes and the recipe says to fail.

    """
    recipe, out = job.recipe, job.out
    model, reference = job.inputs["quantize"].folder, job.inputs.get("reference")
    spec = EmbedderSpec.model_validate(files.read_json(model / SPEC))
    passages = recipe.data.passages()
    lite = LiteRtEmbedder(model, spec)
    if reference:
        vectors, counted = (
            read_vectors(reference.folder, PASSAGES, spec.dims),
            {name: getattr(reference.facts, name) for name in COUNTED},
        )
    else:
        vectors, counted = shipped_vectors(recipe, passages, lite, job.earlier_by, out)
    np.save(out / EMBEDDINGS, vectors)
    words = _words(recipe, passages)
    asked = _asked(recipe, job.inputs.get("split"))
    fusion = _fusion(passages, vectors, words, lite, asked) if asked else unmeasured(True in words)
    lite.close()
    model_id = model_id_of(recipe.name, recipe.version, spec.quantization, files.sha256(model / MODEL))
    kept = words[fusion.stems]
    scale = write_database(
        out / DATABASE,
        passages,
        vectors,
        kept,
        _metadata(recipe, model, spec, model_id, fusion),
        recipe.search.also,
    )
    return IndexFacts(
        passages=len(passages),
        **counted,
        model_id=model_id,
        vector_scale=scale,
        bytes=(out / DATABASE).stat().st_size,
        fusion=fusion,
    )


def _words(recipe: Recipe, passages: Sequence[Passage]) -> dict[bool, Words]:
    plain = {False: count_words(passages)}
    if (language := recipe.search.language) is None:
        return plain
    return {**plain, True: with_stems(passages, stemmer(language), common_words(language, COMMON))}


def _asked(recipe: Recipe, split: Stage | None) -> Asked | None:
    if not recipe.data.has_questions:
        return None
    if split is None:
        _, questions, judged = recipe.data.judged()
        return Asked("judged", questions, judged)
    return Asked("development", *read_development(split.folder))


def _fusion(
    passages: Sequence[Passage],
    vectors: np.ndarray,
    words: dict[bool, Words],
    lite: LiteRtEmbedder,
    asked: Asked,
) -> FusionChoice:
    status(f"comparing ways to search on {len(asked.questions)} {asked.what} questions")
    scale = ranking.corpus_scale(vectors)
    order = sorted(range(len(passages)), key=lambda i: passages[i].id)
    stored = Vectors([passages[i].id for i in order], ranking.quantize(vectors[order], scale), scale)
    questions = lite.embed_many(
        [lite.spec.prompts.ask(q.text) for q in asked.questions], "Embedding questions"
    )
    dense = {q.id: stored.nearest(v, ranking.DEPTH) for q, v in zip(asked.questions, questions, strict=True)}
    lexical = {stems: full_text(passages, asked.questions, found) for stems, found in words.items()}
    return choose(dense, lexical, asked.judged, asked.what, {q.id: q.equal for q in asked.questions})


def _metadata(
    recipe: Recipe, model: Path, spec: EmbedderSpec, model_id: str, fusion: FusionChoice
) -> dict[str, str]:
    return {
        "model_id": model_id,
        "prompt_query": spec.prompts.query,
        "prompt_document": spec.prompts.document,
        "tokenizer_sha256": files.sha256(model / spec.tokenizer.file),
        "language": (recipe.search.language or "") if fusion.stems else "",
        "fusion": json.dumps(fusion.as_json(), ensure_ascii=False, sort_keys=True),
        "abstention": "null",  # what ships is judged after this; `bundle` writes it into its copy
    }
