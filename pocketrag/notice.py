"""What a bundle passes on about its recipe and its base model's licence."""

from __future__ import annotations

from typing import Any

from pocketrag.recipe import Recipe


def notice(recipe: Recipe) -> str:
    """Return the text of the bundle's NOTICE."""
    licence = recipe.model.licence or "not stated"
    said = recipe.model.notice or f"Embedding model made from {recipe.model.name}, licence: {licence}."
    text = recipe.model.licence_file.read_text("utf-8") if recipe.model.licence_file else ""
    return f"{said}\nBundle {recipe.name} {recipe.version}, built with pocketrag.\n\n{text}"


def packed_from(recipe: Recipe) -> dict[str, Any]:
    """Return the settings that a bundle is packed with: a changed one asks for a new bundle."""
    # A folder's path differs from machine to machine; the same inputs must give the same bytes.
    model = {**recipe.model.model_dump(exclude={"licence_file"}), "base": recipe.model.name, "notice": notice(recipe)}
    return {"recipe": recipe.model_dump(mode="json", exclude={"data", "model", "targets"}), "model": model}
