"""`[export]`: how the embedder becomes a `.tflite`, and for which NPUs it is compiled."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from pocketrag.formats.facts.npu import Optimization, Soc

from .long_passages import LongPassages
from .section import Section
from .shared_types import Lengths, QuantizationName


class Export(Section):
    """How the embedder becomes a `.tflite`."""

    lengths: Lengths = (32, 64, 128, 256)
    """Token counts of the exported model, a signature each; a text takes the shortest that holds it."""
    quantization: QuantizationName = "int8"
    """`float32`, `int8`, `int4`, or another name or code of docs/quantization.md."""
    dims: Annotated[int, Field(ge=8, le=8192)] | None = None
    """Only the first so many of the embedder's dims, at unit length again (Matryoshka)."""
    documents: Literal["float", "shipped"] = "float"
    """What embeds the passages: the reference model, which costs no quality, or the quantized model."""
    long_passages: LongPassages = "fail"
    """What becomes of passages longer than that model takes.

    The reference model's own limit, or the longest length.
    """
    litertlm: bool = False
    """Whether the bundle holds the model as `embedder.litertlm`, too, for LiteRT-LM (docs/litertlm.md)."""
    npu: tuple[Soc, ...] = ()
    """Qualcomm's systems on a chip for whose NPUs the model is compiled, too (docs/npu.md)."""
    npu_lengths: Lengths | None = None
    """Of `lengths`, those of the NPU files; by default the shortest that holds 95 % of the questions."""
    npu_optimization: Optimization = "inference_o3"
    """How hard the compiler works on an NPU file's speed: `inference_o3` the most, `prepare` the least."""

    @field_validator("npu", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        if isinstance(value, str):
            raise ValueError(f'must be a list, such as ["{value}"]')
        return tuple(value) if isinstance(value, list) else value

    @model_validator(mode="after")
    def _of_npu(self) -> Export:
        if len(set(self.npu)) < len(self.npu):
            raise ValueError("npu: names each system on a chip once")
        if self.npu_lengths and not self.npu:
            raise ValueError("npu_lengths: says nothing without npu; name systems on a chip there")
        if "npu_optimization" in self.model_fields_set and not self.npu:
            raise ValueError("npu_optimization: says nothing without npu; name systems on a chip there")
        if other := set(self.npu_lengths or ()) - set(self.lengths):
            raise ValueError(f"npu_lengths: {min(other)} is none of lengths")
        return self
