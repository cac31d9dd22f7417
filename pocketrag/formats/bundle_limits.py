"""What a bundle must keep to: a recipe sets it, a manifest carries it, `verify` holds the bundle to it."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Limits(BaseModel):
    """What a bundle must keep to, or it is not published."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, allow_inf_nan=False, use_attribute_docstrings=True
    )

    model_megabytes: Annotated[float, Field(gt=0)] | None = None
    """Of `embedder.tflite`, in millions of bytes."""
    overlap: Annotated[float, Field(ge=0, le=1)] | None = None
    """Least mean share of the reference model's top 10 passages that the shipped model finds, dense."""
    cosine: Annotated[float, Field(ge=0, le=1)] | None = None
    """Least mean cosine of the shipped model's vectors to the reference model's.

    Without it what the quantization keeps.
    """
    least_cosine: Annotated[float, Field(ge=0, le=1)] | None = None
    """The same for the worst text."""
    latency_ms: Annotated[float, Field(gt=0)] = 15.0
    """Most milliseconds of embedding on a device, mean over the lengths of real questions."""
    memory_megabytes: Annotated[float, Field(gt=0)] = 200.0
    """Most memory of the model on a device.

    "less than 200 MB of RAM with quantization" is what EmbeddingGemma's authors state.
    """
    loss: Annotated[float, Field(ge=0, le=1)] = 0.01
    """Largest loss of nDCG@10 against the float base; a point more is a regression."""
    guard_loss: Annotated[float, Field(ge=0, le=1)] = 0.01
    """Largest loss of nDCG@10 of the tuned model on the guard's questions, float32 against float32.

    A point more is a regression too.
    """
