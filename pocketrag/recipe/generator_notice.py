"""What a generator passes on as its base's licence asks."""

from __future__ import annotations

from .generator import Generator
from .recipe import Recipe


def generator_notice(recipe: Recipe, generator: Generator) -> str:
    """Return the text of the generator's NOTICE."""
    licence = generator.licence or "not stated"
    said = generator.notice or f"Language model made from {generator.name}, licence: {licence}."
    return f"{said}\nGenerator of {recipe.name} {recipe.version}, built with pocketrag.\n"
