"""The passages' vectors from the model that ships.

Each alone, as on a phone, and only those that an earlier index lacks.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from pocketrag.console import progress
from pocketrag.formats.data.beir import Passage
from pocketrag.recipe import long_passages
from pocketrag.recipe.recipe import Recipe
from pocketrag.reference import float_model, reuse
from pocketrag.reference.float_vectors import Earlier
from pocketrag.runtime.embedder import LiteRtEmbedder

EMBEDDINGS = "embeddings.npy"
#: What `index` says of the vectors, whichever model made them.
COUNTED = ("over_length", "longest", "embedded", "reused")


def shipped_vectors(
    recipe: Recipe, passages: list[Passage], lite: LiteRtEmbedder, earlier: Earlier, out: Path
) -> tuple[np.ndarray, dict[str, Any]]:
    """Return the passages' vectors float32 [n, dims] by the model that ships, and the facts.

    `out` gets the list of texts.

    `earlier` gives the folder of an earlier run, by the processor that made it.

    Raises:
        InputError: a passage is longer than the model takes, and the recipe says to fail.

    """
    policy, longest = recipe.export.long_passages, lite.spec.lengths[-1]
    texts = [lite.spec.prompts.passage(p.title, p.text) for p in passages]
    rows = [lite.tokenize(text) for text in progress(texts, "Tokenizing passages")]
    counts = {p.id: len(row) for p, row in zip(passages, rows, strict=True)}
    over = long_passages.refuse(policy, recipe.data.corpus, counts, longest)

    def embed(wanted: list[int]) -> np.ndarray:
        return lite.embed_rows([rows[i] for i in wanted], policy, f"Embedding {len(wanted)} passages")

    processor = float_model.processor()
    vectors, facts = reuse.with_reused(texts, embed, out / EMBEDDINGS, earlier(processor))
    return vectors, {"over_length": over, "longest": longest, **facts, "processor": processor}
