"""The questions that no student learns from, so that its overlap with its teacher can be measured on them."""

from __future__ import annotations

from pocketrag.formats.split import Split
from pocketrag.recipe.recipe import Recipe
from pocketrag.sampling import spread

from .float_vectors import agreement_questions

#: Unjudged questions that are held back: the interval of a mean overlap is then ± .02, and the others, which
#: teach more than any sentence does, are the student's.
HELD = 300


def held_questions(recipe: Recipe, split: Split) -> list[int]:
    """Return which of `agreement_questions` no student learns from.

    Some of the unjudged ones; where there are none, those that choose or measure something anyway.
    """
    asked = agreement_questions(recipe) if recipe.data.has_questions else []
    if recipe.data.unjudged:
        return spread(list(range(len(asked))), HELD)
    measured = {question.text for question in (*split.dev, *split.test)}
    return [number for number, text in enumerate(asked) if text in measured]
