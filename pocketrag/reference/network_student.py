"""A student that is a small transformer: a SentenceTransformer folder, run in float32 without padding.

A static student may stand beside it; the vector is then the mean of both, each at unit length.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pocketrag.formats import files
from pocketrag.formats.layout import BESIDE, NETWORK, STUDENT

from . import float_model, static_student
from .save_model import save_like
from .static_student import StaticStudent

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from torch import Tensor


@dataclass(frozen=True)
class Beside:
    """A static student, and what counts of it."""

    student: StaticStudent
    share: float
    """Of its vector in the mean, 0 to 1; the network has the rest."""


@dataclass(frozen=True)
class Network:
    """A model, the folder whose tokenizer and limit it has, and what stands beside it."""

    model: SentenceTransformer
    folder: Path
    beside: Beside | None = None

    def parameters(self) -> Iterator[Tensor]:
        """Give its weights."""
        yield from self.model.parameters()
        if self.beside:
            yield from self.beside.student.parameters()


def save(student: Network, stage: Path) -> None:
    """Write a student as the folder `NETWORK` of a stage; what stands beside it as `STUDENT` and `BESIDE`."""
    out = stage / NETWORK
    shutil.rmtree(out, ignore_errors=True)
    save_like(student.model, student.folder, out)
    if student.beside:
        static_student.save(student.beside.student, stage / STUDENT)
        (stage / BESIDE).write_text(files.to_json({"share": student.beside.share}), "utf-8")


def load(stage: Path) -> Network:
    """Read a student that `save` wrote; raises as `float_model.load_float` does."""
    folder = stage / NETWORK
    return Network(float_model.load_float(folder).eval(), folder, load_beside(stage))


def load_beside(stage: Path) -> Beside | None:
    """Read what stands beside the network of a stage; None where nothing does."""
    if not (stage / BESIDE).is_file():
        return None
    share = float(files.read_json(stage / BESIDE)["share"])
    return Beside(static_student.load(stage / STUDENT), share)


def encode(student: Network, rows: Sequence[Sequence[int]]) -> np.ndarray:
    """Embed token id lists, special tokens included, each alone; return float32 [n, dims]."""
    width = int(student.model.get_embedding_dimension() or 0)
    found = np.zeros((len(rows), width), np.float32)
    for number, ids in enumerate(rows):
        found[number] = float_model.encode_ids(student.model, list(ids))
    if student.beside is None:
        return found
    return mean_of(static_student.encode(student.beside.student, rows), found, student.beside.share)


def mean_of(static: np.ndarray, network: np.ndarray, share: float) -> np.ndarray:
    """Return the weighted mean of unit vectors [n, dims] at unit length, float32; `share` is the first's.

    Where a text has nothing that a static student counts, its vector is zeros, and the network's remains.
    """
    mean = share * static + (1 - share) * network
    return np.asarray(mean / np.linalg.norm(mean, axis=1, keepdims=True), np.float32)
