"""A golden file: texts with token ids, vectors and top passages, by which an app proves one encoder."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Final, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pocketrag.errors import InputError

from . import files
from .layout import GOLDEN

#: Where a golden file's questions are from.
ASKED: Final = "asked"
OWN: Final = "own"
#: Passages listed per question.
TOP = 10


class Text(BaseModel):
    """One golden text; vectors are base64 of little-endian float32 [dims]."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    question: str | None
    """The question as asked; null for a passage."""
    prompted: str
    """The text that is tokenized."""
    ids: list[int]
    twin: str
    """By the encoder's own reference in PyTorch."""
    shipped: str
    """By the encoder's `.tflite` on the building machine."""
    teacher: str | None = None
    """By the teacher in float32, of the same question: what a student is to find the same passages as."""
    top: dict[str, list[str]] = Field(default_factory=dict)
    """Mode -> ids of the best passages, for a question."""


class Golden(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model_id: str
    questions: Literal["asked", "own"] = ASKED
    """Where the questions are from: the recipe's, or titles and first sentences of the passages themselves.

    Those show that this is the model and the database that were built, and not how good its answers are.
    """
    texts: list[Text]


def read_golden(file: Path) -> Golden:
    """Read a golden file, `bundle / encoder.golden`.

    Raises:
        InputError: it is not of this form.

    """
    values = files.read_json(file)
    try:
        return Golden.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        raise InputError(f"{file}: `{'.'.join(map(str, first['loc']))}`: {first['msg']}.") from None


def pack(vector: np.ndarray) -> str:
    """Return a vector float [dims] as base64 of little-endian float32."""
    return base64.b64encode(vector.astype("<f4").tobytes()).decode("ascii")


def unpack(text: str, dims: int, file: str = GOLDEN) -> np.ndarray:
    """Return the vector float32 [dims] of `pack`'s text, which stood in `file`.

    Raises:
        InputError: it has another size, or holds NaN or infinity.

    """
    try:
        vector = np.frombuffer(base64.b64decode(text, validate=True), "<f4")
    except ValueError as error:
        raise InputError(f"{file}: a vector is not base64 of float32 ({error}).") from None
    if vector.shape != (dims,) or not np.isfinite(vector).all():
        raise InputError(f"{file}: a vector has {vector.size} numbers, expected {dims} finite ones.")
    return vector
