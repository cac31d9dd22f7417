"""What a student is made from, whatever its kind, and what comes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from pocketrag.formats.facts.students import NetworkTraining
from pocketrag.recipe.students import StaticStudent, Student
from pocketrag.reference.student_tokens import StudentTokens


@dataclass(frozen=True)
class Material:
    """Texts, what the teacher makes of them, and the settings."""

    name: str
    """The student's."""
    texts: Sequence[str]
    taught: np.ndarray
    """The teacher's vectors of them, float32 [n, dims], unit length."""
    passages: np.ndarray
    """The teacher's vectors of the corpus, float32 [passages, dims], unit length."""
    held: Sequence[str]
    """Questions without judgements that nothing learns from; empty where the recipe has none."""
    held_taught: np.ndarray
    """The teacher's vectors of those."""
    tokens: StudentTokens
    """Of the teacher's tokenizer, with the student's prompt."""
    embedder: Path
    """The full model in float32."""
    checkpoints: Path
    """A folder that outlives an interrupted run."""
    settings: Student

    @property
    def dims(self) -> int:
        """How many numbers a vector has."""
        return int(self.taught.shape[1])

    @cached_property
    def ids(self) -> list[list[int]]:
        """The teacher's tokens of the texts that count for something."""
        return [self.tokens.ids(text) for text in self.texts]


@dataclass(frozen=True)
class Trained:
    """A student, and the tokens that it reads."""

    student: Any
    """As its row of `KINDS` takes it."""
    tokens: StudentTokens
    training: NetworkTraining | None = None


@dataclass(frozen=True)
class Lesson:
    """What a static student is made from: token ids instead of texts."""

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
    settings: StaticStudent

    @property
    def dims(self) -> int:
        """How many numbers a vector has."""
        return int(self.taught.shape[1])

    @property
    def seen(self) -> list[int]:
        """The tokens of the texts, rising."""
        return sorted({id_ for ids in self.texts for id_ in ids})
