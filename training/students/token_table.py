"""The teacher's own vector of every token and its rarity: where a static student starts, or all it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

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
#: A step of Adam turns a long row less (docs/students.md).
LONG = np.float32(8)


@dataclass(frozen=True)
class TokenTable:
    """What the teacher makes of single tokens."""

    tokens: Sequence[int]
    """Ids of the tokens that have a row, rising."""
    vectors: np.ndarray
    """Float32 [tokens, dims], their mean taken off."""
    probabilities: np.ndarray
    """Float64 [tokens], counted in the texts."""
    vocabulary: int
    """Ids are below this."""

    @property
    def weights(self) -> np.ndarray:
        """Float32 [tokens]: what comes often says little."""
        return frequency.weights(self.probabilities, SIF)


def token_table(lesson: Lesson) -> TokenTable:
    """Return the tokens of a lesson's texts, then the others, `tokens` of the settings at most.

    Raises:
        InputError: memory is too small for the model, or its vectors are not finite.

    """
    described = describe(lesson.embedder)
    counted = _counted(lesson, described.embedded)
    vectors = _vectors(lesson, replace(described, embedded=tuple(counted)))
    vectors -= vectors.mean(0)
    return TokenTable(counted, vectors, _probabilities(lesson)[counted], lesson.tokens.vocabulary)


def untrained(lesson: Lesson) -> StaticStudent:
    """Return Model2Vec's table as a student: principal components, weighted, turned back by its linear map.

    Model2Vec leaves its vectors in their principal components, which is another space than the teacher's.

    Raises:
        InputError: as `token_table` does.

    """
    table = token_table(lesson)
    rows, _ = reduce(table.vectors, np.arange(len(table.tokens)), min(lesson.settings.rank, lesson.dims))
    # The directions again: least squares, which is exact where all components are kept.
    back, *_ = np.linalg.lstsq(rows, table.vectors, rcond=None)
    return student_of(table, rows * table.weights[:, None], back, lesson, hidden=0)


def student_of(
    table: TokenTable, rows: np.ndarray, back: np.ndarray, lesson: Lesson, hidden: int
) -> StaticStudent:
    """Return a student of a token's row [tokens, rank] and the map back [rank, dims].

    Of mean length `LONG` and 1; a layer of width `hidden` beside it gives nothing yet.
    """
    student = StaticStudent(
        rows_of(table.tokens, table.vocabulary), rows.shape[1], hidden, lesson.dims, lesson.settings.seed
    )
    with torch.no_grad():
        student.table[1:] = torch.from_numpy(_scaled(rows) * LONG)
        student.linear[:] = torch.from_numpy(_scaled(back))
    return student.eval()


def _counted(lesson: Lesson, embedded: Iterable[int]) -> list[int]:
    # Those of the texts, then the others as the vocabulary lists them: by frequency, roughly.
    others = (id_ for id_ in embedded if id_ not in lesson.tokens.nothing)
    return sorted(list(dict.fromkeys([*lesson.seen, *others]))[: lesson.settings.tokens])


def _vectors(lesson: Lesson, described: Described) -> np.ndarray:
    found = token_vectors(described, plan(described, lesson.settings.rank).dtype)
    return shorten(found[list(described.embedded)], lesson.dims)


def _scaled(rows: np.ndarray) -> np.ndarray:
    return np.asarray(rows / np.linalg.norm(rows, axis=1).mean(), np.float32)


def _probabilities(lesson: Lesson) -> np.ndarray:
    counts = np.full(lesson.tokens.vocabulary, frequency.UNSEEN)
    for id_, count in Counter(id_ for ids in lesson.texts for id_ in ids).items():
        counts[id_] += count
    return np.asarray(counts / counts.sum())
