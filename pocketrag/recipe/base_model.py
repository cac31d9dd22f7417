"""The recipe's base model: where its folder lies, and how it is asked."""

from __future__ import annotations

from pathlib import Path

from pocketrag.formats.embedder.embedder_folder import defaults_of, locate
from pocketrag.formats.prompts import Prompts

from .recipe import Recipe


def base_folder(recipe: Recipe) -> Path:
    """Return the folder of the base model, as it was before trimming.

    Raises:
        InputError: it is not here, and the hub does not give it.

    """
    return locate(recipe.model.base, recipe.model.revision)


def prompts_of(recipe: Recipe) -> Prompts:
    """Return the recipe's prompts, or those of the base's own configuration.

    A tuned model is asked by the same.
    """
    return recipe.prompts or defaults_of(base_folder(recipe))
