"""Real texts that prove that two models are one."""

from __future__ import annotations

from pocketrag.recipe.base_model import prompts_of
from pocketrag.recipe.recipe import Recipe
from pocketrag.sampling import spread

from .stand_ins import questions_of

#: How many questions and as many passages the proof embeds.
SAMPLE = 64


def proof_texts(recipe: Recipe) -> list[str]:
    """Return up to 64 prompted questions and as many passages of the recipe."""
    prompts = prompts_of(recipe)
    asked = [prompts.ask(text) for text in spread(questions_of(recipe), SAMPLE)]
    return asked + [prompts.passage(p.title, p.text) for p in spread(recipe.data.passages(), SAMPLE)]
