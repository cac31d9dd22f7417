"""What a model must be told to embed a text as it was built to: lengths, prompts, tokenizer."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from ..prompts import Prompts
from ..tokenizer import TokenizerSpec


class EmbedderSpec(BaseModel):
    """All that is needed to embed a text with a `.tflite` and a tokenizer; part of a bundle's manifest."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    dims: int
    lengths: tuple[int, ...]
    quantization: str
    prompts: Prompts
    tokenizer: TokenizerSpec
