"""`pocketrag index`: passages -> `embeddings.npy` and `corpus.db`, embedded with the float twin or with the model that ships."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pocketrag import beir, files, ranking, stage
from pocketrag.beir import Passage, Qrels, Question
from pocketrag.console import status
from pocketrag.database import DATABASE
from pocketrag.identity import model_id_of
from pocketrag.lexical import full_text
from pocketrag.litert import MODEL, SPEC, EmbedderSpec, LiteRtEmbedder
from pocketrag.recipe import Recipe, read_recipe
from pocketrag.stage import Stage
from pocketrag.twin import PASSAGES, read_vectors, twin_vectors
from pocketrag.vectors import Vectors
from pocketrag.words import Words, count_words, stemmer, with_stems
from pocketrag.work import DEVELOPMENT, Work, index_settings, origin, quantized

from .convert import ships
from .database import write_database
from .fusion import choose
from .passages import COUNTED, EMBEDDINGS, earlier_index, shipped_vectors
from .words import common_words

WING = Path(__file__).parent
#: Words of a language that questions may have: their stems are looked up beside those of the passages.
COMMON = 50_000


@dataclass(frozen=True)
class Found:
    """The stages that a database is made from."""

    model: Stage
    twin: Stage | None
    """None where the model that ships embeds the passages."""
    mined: Stage | None
    """None where all judged questions are asked."""
    earlier: Stage | None
    """An index whose vectors can be taken again, by that model."""


@dataclass(frozen=True)
class Asked:
    """The questions on which the ways to search are compared."""

    what: str
    """"development" or "judged"."""
    questions: list[Question]
    judged: Qrels


def index(recipe: str, *, source: str | None = None, work: str = "work", base: str | None = None) -> dict[str, Any]:
    """Embed all passages, choose how vectors and full text are joined, and write the database.

    Raises:
        InputError: `quantize` has not run, or a passage is longer than the embedding model takes and the recipe says to fail.

    """
    chosen = read_recipe(recipe, base)
    rooms = Work(work, chosen.name)
    source = source or ships(chosen, rooms, recipe)
    model = quantized(chosen, rooms, source, recipe)
    twin = twin_vectors(chosen, rooms, source, recipe) if chosen.export.documents == "float" else None
    mined = _mined(chosen, rooms, recipe)
    digests, folder = chosen.data_digests(), rooms.folder(f"index-{source}")
    done = stage.run(
        folder,
        WING,
        inputs={
            "quantize": model.digest,
            "twin": twin.digest if twin else "",
            "mine": mined.digest if mined else "",
            **{key: digests[key] for key in ("corpus", "queries", "qrels")},
        },
        settings=index_settings(chosen),
        make=lambda out: _make(chosen, Found(model, twin, mined, earlier_index(folder, model, chosen)), out),
    )
    return {"folder": str(done.folder), "source": source, **done.facts}


def _mined(recipe: Recipe, rooms: Work, file: str) -> Stage | None:
    # Tuning divides the questions; without it, or with training questions of other passages, all judged ones are asked here.
    if recipe.train.method == "none" or recipe.data.train_corpus:
        return None
    return stage.need(rooms.folder("mine"), "mine", file, **origin(recipe, rooms, file))


def _make(recipe: Recipe, made_from: Found, out: Path) -> dict[str, Any]:
    model, twin = made_from.model.folder, made_from.twin
    spec = EmbedderSpec.model_validate(files.read_json(model / SPEC))
    passages = beir.read_corpus(recipe.data.corpus)
    lite = LiteRtEmbedder(model, spec)
    if twin:
        vectors, counted = read_vectors(twin, PASSAGES, spec.dims), {key: twin.facts[key] for key in COUNTED}
    else:
        vectors, counted = shipped_vectors(recipe, passages, lite, made_from.earlier, out)
    np.save(out / EMBEDDINGS, vectors)
    words = _words(recipe, passages)
    fusion = _fusion(passages, vectors, words, lite, _asked(recipe, passages, made_from.mined))
    lite.close()
    model_id = model_id_of(recipe.name, recipe.version, spec.quantization, files.sha256(model / MODEL))
    kept = words[bool(fusion["stems"])]
    scale = write_database(
        out / DATABASE, passages, vectors, kept, _metadata(recipe, model, spec, model_id, fusion), recipe.search.also
    )
    return {
        "passages": len(passages),
        **counted,
        "model_id": model_id,
        "vector_scale": scale,
        "bytes": (out / DATABASE).stat().st_size,
        "fusion": fusion,
    }


def _words(recipe: Recipe, passages: Sequence[Passage]) -> dict[bool, Words]:
    plain = {False: count_words(passages)}
    if (language := recipe.search.language) is None:
        return plain
    return {**plain, True: with_stems(passages, stemmer(language), common_words(language, COMMON))}


def _asked(recipe: Recipe, passages: Sequence[Passage], mined: Stage | None) -> Asked:
    if mined is None:
        _, questions, judged = beir.read_judged(recipe.data.corpus, recipe.data.queries, recipe.data.qrels)
        return Asked("judged", questions, judged)
    rows = [row for _, row in beir.read_objects(mined.folder / DEVELOPMENT, "`_id`, `text` and `relevant`")]
    return Asked("development", [Question(r["_id"], r["text"]) for r in rows], {r["_id"]: r["relevant"] for r in rows})


def _fusion(
    passages: Sequence[Passage], vectors: np.ndarray, words: dict[bool, Words], lite: LiteRtEmbedder, asked: Asked
) -> dict[str, Any]:
    status(f"comparing ways to search on {len(asked.questions)} {asked.what} questions")
    scale = ranking.corpus_scale(vectors)
    order = sorted(range(len(passages)), key=lambda i: passages[i].id)
    stored = Vectors([passages[i].id for i in order], ranking.quantize(vectors[order], scale), scale)
    questions = lite.embed_many([lite.spec.prompts.ask(q.text) for q in asked.questions], "Embedding questions")
    dense = {q.id: stored.nearest(v, ranking.DEPTH) for q, v in zip(asked.questions, questions, strict=True)}
    lexical = {stems: full_text(passages, asked.questions, found) for stems, found in words.items()}
    return choose(dense, lexical, asked.judged, asked.what)


def _metadata(recipe: Recipe, model: Path, spec: EmbedderSpec, model_id: str, fusion: dict[str, Any]) -> dict[str, str]:
    return {
        "model_id": model_id,
        "prompt_query": spec.prompts.query,
        "prompt_document": spec.prompts.document,
        "tokenizer_sha256": files.sha256(model / spec.tokenizer.file),
        "language": (recipe.search.language or "") if fusion["stems"] else "",
        "fusion": json.dumps(fusion, ensure_ascii=False, sort_keys=True),
        "abstention": "null",  # what ships is judged after this; `bundle` writes it into its copy
    }
