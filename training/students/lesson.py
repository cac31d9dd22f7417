"""What a student is made from, whatever its kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pocketrag.recipe.students import Student
from pocketrag.reference.student_tokens import StudentTokens


@dataclass(frozen=True)
class Lesson:
    """Texts, what the teacher makes of them, and the settings."""

    texts: Sequence[Sequence[int]]
    """Token ids of n texts."""
    taught: np.ndarray
    """The teacher's vectors of them, float32 [n, dims], unit length."""
    passages: np.ndarray
    """The teacher's vectors of the corpus, float32 [passages, dims], unit length."""
    tokens: StudentTokens
    """Which tokens count."""
    embedder: Path
    """The float model whose tokenizer the student shares."""
    settings: Student

    @property
    def dims(self) -> int:
        """How many numbers a vector has."""
        return int(self.taught.shape[1])

    @property
    def seen(self) -> list[int]:
        """The tokens of the texts, rising."""
        return sorted({id_ for ids in self.texts for id_ in ids})
