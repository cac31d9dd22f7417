"""Vectors of passages that no training changes, as the stage `fixed` leaves them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from pocketrag.formats import files
from pocketrag.pipeline.stage import Job
from pocketrag.reference.float_vectors import PASSAGES, read_vectors

#: The row in `PASSAGES` of each passage, by id.
ROWS = "rows.json"


@dataclass(frozen=True)
class Fixed:
    """The base's vectors of the passages that training and development name."""

    vectors: np.ndarray
    """Unit vectors float32 [n, dims]."""
    row: dict[str, int]
    """Passage id -> its row; passages of the same text share one."""

    def of(self, ids: Iterable[str]) -> np.ndarray:
        """Return the vectors of these passages, float32 [m, dims]."""
        return self.vectors[[self.row[id_] for id_ in ids]]


def fixed_of(job: Job) -> Fixed | None:
    """Return what the stage `fixed` wrote; None where passages are tuned as well.

    Raises:
        InputError: a file of it is damaged.

    """
    if not job.recipe.train.by_questions:
        return None
    folder = job.inputs["fixed"].folder
    return Fixed(read_vectors(folder, PASSAGES), dict(files.read_json(folder / ROWS)))
