"""The stage of the file for LiteRT-LM: the model that ships, once more."""

from __future__ import annotations

from pocketrag.formats.facts.litertlm import LitertlmFacts

from ..edges import EMBEDDER
from ..stage import After, StageSpec

LITERTLM_STAGES = (
    StageSpec(
        "litertlm",
        "pocketrag.export.litertlm.make_litertlm",
        "litertlm",
        LitertlmFacts,
        after=(After("convert"), After("quantize"), *EMBEDDER),
        model=True,
        data=("corpus", "queries", "unjudged"),
        settings=("export.quantization",),
        sourced=True,
        automatic=True,
    ),
)
