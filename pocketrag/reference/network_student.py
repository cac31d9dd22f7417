"""A student that is a small transformer: a SentenceTransformer folder, run in float32 without padding."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pocketrag.formats.layout import NETWORK

from . import float_model
from .save_model import save_like

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from torch import Tensor


@dataclass(frozen=True)
class Network:
    """A model, and the folder whose tokenizer and limit it has."""

    model: SentenceTransformer
    folder: Path

    def parameters(self) -> Iterator[Tensor]:
        """Give its weights."""
        yield from self.model.parameters()


def save(student: Network, stage: Path) -> None:
    """Write a student as the folder `NETWORK` of a stage."""
    out = stage / NETWORK
    shutil.rmtree(out, ignore_errors=True)
    save_like(student.model, student.folder, out)


def load(stage: Path) -> Network:
    """Read a student that `save` wrote; raises as `float_model.load_float` does."""
    folder = stage / NETWORK
    return Network(float_model.load_float(folder).eval(), folder)


def encode(student: Network, rows: Sequence[Sequence[int]]) -> np.ndarray:
    """Embed token id lists, special tokens included, each alone; return float32 [n, dims]."""
    found = [float_model.encode_ids(student.model, list(ids)) for ids in rows]
    width = int(student.model.get_embedding_dimension() or 0)
    return np.stack(found) if found else np.zeros((0, width), np.float32)
