"""The stage `litertlm`: the embedder once more, as LiteRT-LM's EmbeddingEngine takes it."""

from __future__ import annotations

from .base import Count, Length, Sha256, SourceFacts


class LitertlmFacts(SourceFacts):
    """The second form of the quantized model."""

    file: str
    bytes: Count
    sha256: Sha256
    model: Sha256
    """Of the `embedder.tflite` that it computes the same as."""
    lengths: tuple[Length, ...]
    """Of its signatures `encoder_L`."""
    before: tuple[int, ...]
    """Token ids that the engine puts before a text."""
    after: tuple[int, ...]
    """The same behind it."""
    tools: dict[str, str]
