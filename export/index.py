"""`pocketrag index`: passages -> `embeddings.npy` and `corpus.db`.

Embedded with the reference model or the one that ships.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from pocketrag.formats import files
from pocketrag.formats.embedder.embedder_spec import EmbedderSpec
from pocketrag.formats.facts.index import FusionChoice, IndexFacts
from pocketrag.formats.identity import model_id_of
from pocketrag.formats.layout import DATABASE, MODEL, SPEC
from pocketrag.pipeline.stage import Job
from pocketrag.recipe.recipe import Recipe
from pocketrag.reference.float_vectors import PASSAGES, read_vectors
from pocketrag.runtime.embedder import LiteRtEmbedder

from .database.choose_way import choose_way, corpus_words
from .database.embed import COUNTED, EMBEDDINGS, shipped_vectors
from .database.write import write_database


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
    words = corpus_words(recipe, passages)
    fusion = choose_way(job, passages, vectors, words, lite)
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
