"""A student that learns nothing: the teacher's vector of every token, weighted by rarity (Model2Vec's way).

Model2Vec rotates its vectors into their principal components, which is another space than the teacher's; here
the linear map of the student turns them back, so that they search the teacher's database.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
import torch

from pocketrag.reference.float_vectors import shorten
from pocketrag.reference.static_student import StaticStudent

from ..static import frequency
from ..static.memory import plan
from ..static.principal import reduce
from ..static.token_model import describe
from ..static.token_vectors import token_vectors
from .fit_static import rows_of
from .lesson import Lesson

#: The constant of the paper for counted frequencies.
SIF = 1e-3


def take(lesson: Lesson) -> StaticStudent:
    """Return a student whose rows are `settings.rank` components of the teacher's vectors of single tokens.

    Raises:
        InputError: the model's memory is too small, or its vectors are not finite.

    """
    settings, described = lesson.settings, describe(lesson.embedder)
    vectors = token_vectors(described, plan(described, settings.rank).dtype)
    counted = [id_ for id_ in described.embedded if id_ not in lesson.tokens.nothing]
    vectors = shorten(vectors, lesson.dims) if vectors.shape[1] != lesson.dims else vectors
    reduced, _ = reduce(vectors, np.array(counted), min(settings.rank, lesson.dims))
    rows = reduced[counted]
    # The directions again: least squares, which is exact where all components are kept.
    back, *_ = np.linalg.lstsq(rows, vectors[counted] - vectors[counted].mean(0), rcond=None)
    student = StaticStudent(
        rows_of(counted, lesson.tokens.vocabulary), rows.shape[1], 0, lesson.dims, settings.seed
    )
    weighted = rows * frequency.weights(_probabilities(lesson), SIF)[counted][:, None]
    with torch.no_grad():
        student.table[1:] = torch.from_numpy(weighted)
        student.linear[:] = torch.from_numpy(back.astype(np.float32))
    return student.eval()


def _probabilities(lesson: Lesson) -> np.ndarray:
    counts = np.full(lesson.tokens.vocabulary, frequency.UNSEEN)
    for id_, count in Counter(id_ for ids in lesson.texts for id_ in ids).items():
        counts[id_] += count
    return np.asarray(counts / counts.sum())
