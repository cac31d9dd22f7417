"""What a bundle passes on as its base model's licence asks."""

from __future__ import annotations

from .recipe import Recipe


def notice(recipe: Recipe) -> str:
    """Return the text of the bundle's NOTICE."""
    licence = recipe.model.licence or "not stated"
    said = recipe.model.notice or f"Embedding model made from {recipe.model.name}, licence: {licence}."
    text = recipe.model.licence_file.read_text("utf-8") if recipe.model.licence_file else ""
    return f"{said}\nBundle {recipe.name} {recipe.version}, built with pocketrag.\n\n{text}"
