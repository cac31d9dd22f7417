"""The stages of a generator: tuned on dialogues, packed for LiteRT-LM, examined."""

from __future__ import annotations

from pocketrag.formats.facts.exam import ExamFacts
from pocketrag.formats.facts.generator import InstructFacts, PackFacts
from pocketrag.recipe.recipe import Recipe

from ..stage import After, StageRef, StageSpec


def instructs(recipe: Recipe, _: StageRef) -> bool:
    """Say whether the recipe tunes its generator."""
    return recipe.generator is not None and recipe.generator.method != "none"


GENERATOR_STAGES = (
    StageSpec(
        "instruct",
        "pocketrag.training.generator.instruct",
        "instruct",
        InstructFacts,
        data=("corpus",),
        settings=("data.empty", "instructed"),
    ),
    StageSpec(
        "pack",
        "pocketrag.export.generator.pack",
        "pack",
        PackFacts,
        after=(After("instruct", when=instructs),),
        settings=("name", "version", "spoken"),
    ),
    StageSpec(
        "exam",
        "pocketrag.bench.answers.examine",
        "examine",
        ExamFacts,
        after=(After("bundle"), After("pack"), After("instruct", when=instructs)),
        data=("corpus",),
        settings=("data.empty", "search.language", "examined"),
        sourced=True,
        one_folder=True,
    ),
)
