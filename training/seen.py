"""What the lines of `check` look at."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pocketrag.formats.facts.outcome import Outcome
from pocketrag.formats.gate import unchecked
from pocketrag.formats.split import Split
from pocketrag.recipe.recipe import Recipe


@dataclass(frozen=True)
class Seen:
    """What was read; None where it could not be had."""

    recipe: Recipe
    work: Path
    split: Split | None
    folder: Path | None
    """Of the base model."""


def unread() -> Outcome:
    """Return that a line needs the data."""
    return unchecked("needs the data, which can't be read")
