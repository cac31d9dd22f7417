"""Does what ships find what its reference model finds? No labels are needed."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from pocketrag.console import progress
from pocketrag.formats.facts.measures import Agreement, Cosine
from pocketrag.recipe.recipe import Recipe
from pocketrag.reference import metrics
from pocketrag.reference.float_vectors import PASSAGES, QUESTIONS, agreement_questions, read_vectors, shorten
from pocketrag.runtime import ranking
from pocketrag.runtime.rag import Rag

#: Passages that are compared: what an app shows.
TOP = 10


def agreement(recipe: Recipe, rag: Rag, reference: Path) -> tuple[Agreement, Cosine]:
    """Compare the shipped model's top passages and question vectors with the reference model's.

    The questions need no labels.

    The reference model ranks with all its dims, in float32.
    """
    ids = [p.id for p in recipe.data.passages()]
    passages, asked = read_vectors(reference, PASSAGES), read_vectors(reference, QUESTIONS)
    vectors = np.array(
        [
            rag.embed(text)
            for text in progress(agreement_questions(recipe), "Comparing with the reference model")
        ]
    )
    wanted = ({id_ for id_, _ in ranking.dense_float(vector, ids, passages, TOP)} for vector in asked)
    found = ({id_ for id_, _ in rag.nearest(vector, TOP)} for vector in vectors)
    shares = np.array([len(theirs & ours) / len(theirs) for theirs, ours in zip(wanted, found, strict=True)])
    cosines = (shorten(asked, vectors.shape[1]) * vectors).sum(1)
    agreed = metrics.mean_with_interval(shares).into(Agreement, top=TOP)
    return agreed, Cosine(mean=round(float(cosines.mean()), 6), least=round(float(cosines.min()), 6))
