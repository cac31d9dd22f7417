"""Does what ships find what its reference model finds? No labels are needed."""

from __future__ import annotations

from collections.abc import Sequence
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


def agreement(
    recipe: Recipe, rag: Rag, reference: Path, which: Sequence[int] | None = None
) -> tuple[Agreement, Cosine]:
    """Compare the shipped model's top passages and question vectors with the reference model's.

    The questions need no labels.

    The reference model ranks with all its dims, in float32.

    Args:
        recipe: whose questions.
        rag: what ships.
        reference: the folder of the reference model's vectors.
        which: of the agreement questions; all by default.

    """
    ids = [p.id for p in recipe.data.passages()]
    questions, passages = agreement_questions(recipe), read_vectors(reference, PASSAGES)
    chosen = range(len(questions)) if which is None else which
    asked = read_vectors(reference, QUESTIONS)[list(chosen)]
    vectors = np.array(
        [
            rag.embed(questions[number])
            for number in progress(list(chosen), "Comparing with the reference model")
        ]
    )
    wanted = ({id_ for id_, _ in ranking.dense_float(vector, ids, passages, TOP)} for vector in asked)
    found = ({id_ for id_, _ in rag.nearest(vector, TOP)} for vector in vectors)
    shares = np.array([len(theirs & ours) / len(theirs) for theirs, ours in zip(wanted, found, strict=True)])
    cosines = (shorten(asked, vectors.shape[1]) * vectors).sum(1)
    agreed = metrics.mean_with_interval(shares).into(Agreement, top=TOP)
    return agreed, Cosine(mean=round(float(cosines.mean()), 6), least=round(float(cosines.min()), 6))
