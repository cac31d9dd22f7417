"""What an app noted of its answers: JSON lines, without anything of whoever asked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from pocketrag.errors import InputError

from ..facts.base import Facts
from ..identity import VERSION
from .lines import read_lines


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
    return [_row(line, f"{file}:{number}") for number, line in read_lines(file)]


def _row(line: str, where: str) -> Feedback:
    try:
        values = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{where}: not JSON ({error}).") from None
    return Feedback.read(values, where)
