"""What an app noted of its answers: JSON lines, without anything of whoever asked."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from ..facts.base import Facts
from ..identity import VERSION
from .beir import read_objects


class Feedback(Facts):
    """An answer, and what was done with it."""

    version: Annotated[str, Field(pattern=VERSION)]
    """Of the bundle that answered."""
    encoder: str | None = None
    """Which of its encoders."""
    model_id: str | None = None
    question: str | None = None
    """The same for the same question, such as a keyed hash; pairs answers of two versions."""
    thumb: Literal["up", "down"] | None = None
    opened: Annotated[int, Field(ge=1)] | None = None
    """The rank of the best passage that was opened, 1 for the first."""
    shown: bool = True
    """False where nobody saw the answer; it counts for nothing."""


def read_feedback(file: Path) -> list[Feedback]:
    """Read a log.

    Raises:
        InputError: names the line that is not an answer of this form.

    """
    return [Feedback.read(row, f"{file}:{number}") for number, row in read_objects(file, "`version`")]
