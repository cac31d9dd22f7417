"""The stages that a generator needs; a recipe without [generator] has none of them."""

from __future__ import annotations

from pocketrag.formats.facts.generator import PackFacts
from pocketrag.recipe.recipe import Recipe

from .stage import After, StageRef, StageSpec


def instructs(recipe: Recipe, _: StageRef) -> bool:
    """Say whether the recipe tunes its generator."""
    return recipe.generator is not None and recipe.generator.method != "none"


GENERATOR_STAGES = (
    StageSpec(
        "pack",
        "pocketrag.export.generator.pack",
        "pack",
        PackFacts,
        after=(After("instruct", when=instructs),),
        settings=("name", "version", "spoken"),
    ),
)
