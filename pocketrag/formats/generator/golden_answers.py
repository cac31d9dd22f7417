"""`golden.json` of a generator: what transformers made of some dialogues, in float32."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from pocketrag.errors import InputError

from .. import files
from ..facts.base import validated

CONTRACT = 1
GOLDEN = "golden.json"


class Part(BaseModel):
    """A part of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Dialogue(Part):
    """Messages, and what the model reads of them."""

    messages: tuple[dict[str, str], ...]
    """`role` and `content`; the last one is the user's."""
    text: str
    """As the model's own chat template renders them, the assistant's turn begun."""
    ids: tuple[int, ...]
    """Tokens of that text, as `apply_chat_template` gives them."""


class Answer(Part):
    """What the float model answers to a dialogue, the likeliest token each time."""

    dialogue: Dialogue
    ids: tuple[int, ...]
    """Without the stop token."""
    text: str
    stopped: bool
    """Whether a stop token ended it, and not the limit."""
    log_likelihood: float
    """Mean over the tokens of `text`, in nats."""


class GeneratorGolden(Part):
    """The whole file."""

    contract: int
    turns: tuple[Dialogue, ...]
    """Dialogues of one and of two turns."""
    answers: tuple[Answer, ...]
    most_tokens: int
    """Where each answer was cut."""


def read_golden(folder: Path) -> GeneratorGolden:
    """Read the golden file of a generator's folder.

    Raises:
        InputError: it is missing, damaged or of another contract.

    """
    file = folder / GOLDEN
    found = files.read_json(file)
    if not isinstance(found, dict) or found.get("contract") != CONTRACT:
        raise InputError(f"{file}: not of contract {CONTRACT}; pack the generator again (`pocketrag pack`).")
    return validated(GeneratorGolden, found, str(file), "the whole")
