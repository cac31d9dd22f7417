"""Real texts that prove that two models are one."""

from __future__ import annotations

from pocketrag.formats import beir
from pocketrag.recipe.base_model import prompts_of
from pocketrag.recipe.recipe import Recipe
from pocketrag.sampling import spread

#: How many questions and as many passages the proof embeds.
SAMPLE = 64


def proof_texts(recipe: Recipe) -> list[str]:
    """Return up to 64 prompted questions and as many passages of the recipe."""
    prompts = prompts_of(recipe)
    asked = [prompts.ask(q.text) for q in spread(beir.read_questions(recipe.data.queries), SAMPLE)]
    return asked + [
        prompts.passage(p.title, p.text) for p in spread(beir.read_corpus(recipe.data.corpus), SAMPLE)
    ]
