"""`pocketrag index`: passages -> `embeddings.npy` and `corpus.db`.

Embedded with the reference model or the one that ships.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from pocketrag.formats import files
from pocketrag.formats.embedder.embedder_folder import fingerprint
from pocketrag.formats.embedder.embedder_spec import EmbedderSpec
from pocketrag.formats.embedder.vectors_model import FLOAT, vectors_model_id
from pocketrag.formats.facts.index import IndexFacts
from pocketrag.formats.layout import DATABASE, MODEL, SPEC
from pocketrag.pipeline.stage import MANIFEST, Job
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
    # Of the passages alone: another question encoder must leave every byte as it is.
    metadata = {
        "model_id": _made_by(job, spec),
        "prompt_document": spec.prompts.document,
        "language": (recipe.search.language or "") if fusion.stems else "",
    }
    kept = words[fusion.stems]
    scale = write_database(out / DATABASE, passages, vectors, kept, metadata, recipe.search.also)
    return IndexFacts(
        passages=len(passages),
        **counted,
        model_id=metadata["model_id"],
        vector_scale=scale,
        bytes=(out / DATABASE).stat().st_size,
        fusion=fusion,
    )


def _made_by(job: Job, spec: EmbedderSpec) -> str:
    """Return the id of the model that made the vectors."""
    if job.recipe.export.documents == "shipped":
        digest = files.sha256(job.inputs["quantize"].folder / MODEL)
        return vectors_model_id(job.recipe.name, spec.quantization, digest)
    folder = job.inputs["merge"].folder if "merge" in job.inputs else job.project.base

    def digest_of(file: Path) -> str:
        # The stage's own note names the recipe's version and code, which decide no vector.
        return "" if file == folder / MANIFEST else job.project.digests.sha256(file)

    return vectors_model_id(job.recipe.name, FLOAT, fingerprint(folder, digest_of))
