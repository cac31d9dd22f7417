"""What a bundle passes on as the licences of its models ask."""

from __future__ import annotations

from collections.abc import Collection

from .generator import Generator
from .recipe import Recipe
from .students import ModelStudent


def notice(recipe: Recipe, encoders: Collection[str]) -> str:
    """Return the text of the bundle's NOTICE; `encoders` are the names of those that ship."""
    said = [_said(recipe.model.notice, recipe.model.name, recipe.model.licence)]
    said += [_said(one.notice, one.name, one.licence) for one in _starts(recipe, encoders).values()]
    text = recipe.model.licence_file.read_text("utf-8") if recipe.model.licence_file else ""
    return "\n".join([*said, f"Bundle {recipe.name} {recipe.version}, built with pocketrag.\n", text])


def licences(recipe: Recipe, encoders: Collection[str]) -> dict[str, str]:
    """Return licences by what has them: `model` is the base, others are encoders of another start."""
    starts = _starts(recipe, encoders)
    return {"model": recipe.model.licence, **{name: one.licence for name, one in starts.items()}}


def _starts(recipe: Recipe, encoders: Collection[str]) -> dict[str, ModelStudent]:
    found = {name: one for name, one in recipe.students.items() if name in encoders}
    return {name: one for name, one in found.items() if isinstance(one, ModelStudent)}


def generator_notice(recipe: Recipe, generator: Generator) -> str:
    """Return the text of the generator's NOTICE."""
    said = _said(generator.notice, generator.name, generator.licence, "Language")
    return f"{said}\nGenerator of {recipe.name} {recipe.version}, built with pocketrag.\n"


def _said(notice: str, name: str, licence: str, kind: str = "Embedding") -> str:
    return notice or f"{kind} model made from {name}, licence: {licence or 'not stated'}."
