"""The stage of files for NPUs: the model that ships, compiled ahead of time."""

from __future__ import annotations

from pocketrag.formats.facts.npu import NpuFacts

from ..edges import EMBEDDER
from ..stage import After, StageSpec

NPU_STAGES = (
    StageSpec(
        "npu",
        "pocketrag.export.npu.make",
        "npu",
        NpuFacts,
        after=(After("convert"), After("quantize"), *EMBEDDER),
        model=True,
        data=("corpus", "queries"),
        settings=(
            "name",
            "version",
            "model",
            "export.quantization",
            "export.npu",
            "export.npu_lengths",
            "export.npu_optimization",
        ),
        sourced=True,
    ),
)
