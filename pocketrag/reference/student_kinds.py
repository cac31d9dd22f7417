"""How a student of each kind is stored and run in PyTorch: the reference of what ships."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from . import static_student


@dataclass(frozen=True)
class StudentKind:
    """One kind; a student is a module of PyTorch."""

    save: Callable[[Any, Path], None]
    """Writes its weights."""
    load: Callable[[Path], Any]
    """Reads them."""
    encode: Callable[[Any, Sequence[Sequence[int]]], np.ndarray]
    """Student and token id lists -> float32 [n, dims]."""


_STATIC = StudentKind(static_student.save, static_student.load, static_student.encode)
#: A value of `Kind` in the recipe -> how it is stored and run.
KINDS = {"static": _STATIC, "model2vec": _STATIC}
