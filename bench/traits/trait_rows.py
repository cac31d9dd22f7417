"""The traits, what each weighs, and their pairs: `NAME.jsonl` beside this file, a row a line.

A row has an `anchor`, the `positive` that means the same, and `negatives` that look like either and don't.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pocketrag.errors import InputError
from pocketrag.formats.data.lines import read_lines

FOLDER = Path(__file__).parent
#: The trait that decides besides the overall score.
INSTRUCTION = "instruction_awareness"
#: Trait -> (file, share of the overall score): instruction awareness 30 %, the others alike.
TRAITS = {
    "semantic_similarity": ("semantic.jsonl", 0.14),
    "topic_clustering": ("topics.jsonl", 0.14),
    "multilingual_alignment": ("languages.jsonl", 0.14),
    INSTRUCTION: ("instructions.jsonl", 0.30),
    "conversational_understanding": ("conversation.jsonl", 0.14),
    "code": ("code.jsonl", 0.14),
}
#: (word, least overall score, least score of instruction awareness); the first row that is met holds.
GRADES = (("excellent", 0.75, 0.65), ("good", 0.70, 0.55), ("fair", 0.60, 0.0), ("poor", 0.0, 0.0))


class Row(BaseModel):
    """One line of a trait's file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    anchor: str
    positive: str
    negatives: tuple[str, ...] = Field(min_length=3)
    language: str | None = None
    """Of positive and negatives, where it is not English."""


def read_rows(file: Path) -> list[Row]:
    """Read a trait's file.

    Raises:
        InputError: it is missing, or a line is not such a row.

    """
    rows = []
    for number, line in read_lines(file):
        try:
            rows.append(Row.model_validate_json(line))
        except ValidationError as error:
            raise InputError(f"{file}:{number}: {error.errors()[0]['msg']}.") from None
    return rows


def all_rows() -> dict[str, list[Row]]:
    """Return the rows of every trait."""
    return {trait: read_rows(FOLDER / file) for trait, (file, _) in TRAITS.items()}


def grade(overall: float, instruction: float) -> str:
    """Return the word for a score and that of instruction awareness."""
    return next(word for word, least, first in GRADES if overall >= least and instruction >= first)
