"""How a student of each kind is stored and run in PyTorch: the reference of what ships."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pocketrag.formats.layout import STUDENT

from . import network_student, static_student


@dataclass(frozen=True)
class StudentKind:
    """One kind; a student is a module of PyTorch, or holds one."""

    save: Callable[[Any, Path], None]
    """Writes its weights into the folder of its stage."""
    load: Callable[[Path], Any]
    """Reads them there."""
    encode: Callable[[Any, Sequence[Sequence[int]]], np.ndarray]
    """Student and token id lists, special tokens included -> float32 [n, dims]."""


_STATIC = StudentKind(
    lambda student, stage: static_student.save(student, stage / STUDENT),
    lambda stage: static_student.load(stage / STUDENT),
    static_student.encode,
)
_NETWORK = StudentKind(network_student.save, network_student.load, network_student.encode)
#: A value of `Kind` in the recipe -> how it is stored and run.
KINDS = {"static": _STATIC, "model2vec": _STATIC, "layers": _NETWORK, "model": _NETWORK}
