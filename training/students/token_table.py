"""The teacher's own vector of every token, weighted by rarity: where a static student starts, or all it is.

That is Model2Vec's way but for one thing: it leaves its vectors in their principal components, which is
another space than the teacher's; here the student's linear map turns them back, so that they search the
teacher's database.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import torch

from pocketrag.reference.float_vectors import shorten
from pocketrag.reference.static_student import StaticStudent, rows_of

from ..static import frequency
from ..static.memory import plan
from ..static.principal import reduce
from ..static.token_model import Described, describe
from ..static.token_vectors import token_vectors
from .lesson import Lesson

#: The constant of the paper for counted frequencies.
SIF = 1e-3
#: A step of Adam turns a long row less: rare tokens stay near their teacher's vector (docs/students.md).
LONG = np.float32(8)


def token_table(lesson: Lesson, hidden: int) -> StaticStudent:
    """Return a student whose rows are `rank` components of the teacher's vectors of single tokens.

    Rows have a mean length of `LONG`, those of the linear map of 1; a layer of width `hidden` beside it gives
    nothing yet.

    Raises:
        InputError: memory is too small for the model, or its vectors are not finite.

    """
    settings, described = lesson.settings, describe(lesson.embedder)
    counted = _counted(lesson, described.embedded)
    vectors = _vectors(lesson, replace(described, embedded=tuple(counted)))
    every = np.arange(len(counted))
    rows, _ = reduce(vectors, every, min(settings.rank, lesson.dims))
    # The directions again: least squares, which is exact where all components are kept.
    back, *_ = np.linalg.lstsq(rows, vectors - vectors.mean(0), rcond=None)
    rows *= frequency.weights(_probabilities(lesson), SIF)[counted][:, None]
    student = StaticStudent(
        rows_of(counted, lesson.tokens.vocabulary), rows.shape[1], hidden, lesson.dims, settings.seed
    )
    with torch.no_grad():
        student.table[1:] = torch.from_numpy(_scaled(rows) * LONG)
        student.linear[:] = torch.from_numpy(_scaled(back.astype(np.float32)))
    return student.eval()


def _counted(lesson: Lesson, embedded: Iterable[int]) -> list[int]:
    # Those of the texts, then the others as the vocabulary lists them: by frequency, roughly.
    others = (id_ for id_ in embedded if id_ not in lesson.tokens.nothing)
    return sorted(list(dict.fromkeys([*lesson.seen, *others]))[: lesson.settings.tokens])


def _vectors(lesson: Lesson, described: Described) -> np.ndarray:
    found = token_vectors(described, plan(described, lesson.settings.rank).dtype)
    return shorten(found[list(described.embedded)], lesson.dims)


def _scaled(rows: np.ndarray) -> np.ndarray:
    return np.asarray(rows / np.linalg.norm(rows, axis=1).mean())


def _probabilities(lesson: Lesson) -> np.ndarray:
    counts = np.full(lesson.tokens.vocabulary, frequency.UNSEEN)
    for id_, count in Counter(id_ for ids in lesson.texts for id_ in ids).items():
        counts[id_] += count
    return np.asarray(counts / counts.sum())
