"""The stages that a generator needs; a recipe without [generator] has none of them."""

from __future__ import annotations

from pocketrag.formats.facts.generator import InstructFacts

from .stage import StageSpec

GENERATOR_STAGES = (
    StageSpec(
        "instruct",
        "pocketrag.training.generator.instruct",
        "instruct",
        InstructFacts,
        data=("corpus",),
        settings=("data.empty", "instructed"),
    ),
)
