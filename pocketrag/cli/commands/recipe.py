"""`pocketrag recipe`: the keys of a recipe, or one of them."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from pocketrag.console import status
from pocketrag.errors import InputError
from pocketrag.formats import files
from pocketrag.formats.facts.recipe import KeyFacts, RecipeFacts
from pocketrag.recipe.keys.mistakes import STUDENTS, meant
from pocketrag.recipe.keys.recipe_keys import NAMED, RecipeKey, recipe_keys, schema_of_recipes, table_notes


def recipe(key: str | None = None, *, schema: str | None = None) -> RecipeFacts:
    """Say what a recipe may hold.

    Args:
        key: a key, `train.method`, or a table, `train`; by default all.
        schema: write the JSON Schema of recipes to this file, for editors.

    Raises:
        InputError: there is no such key, or the file can't be written.

    """
    if schema:
        _write(Path(schema))
    wanted = (key or "").strip("[]`")
    # `students.layers` is a key of any student, whatever its name.
    names = (wanted, wanted.replace(f"{STUDENTS}.", f"{STUDENTS}.{NAMED}.", 1))
    found = [one for one in recipe_keys() if not wanted or any(_is_of(one, name) for name in names)]
    if not found:
        near = " or ".join(f"`{one}`" for one in meant(wanted))
        raise InputError(
            f"`{wanted}`: no key or table of a recipe; "
            + (f"did you mean {near}?" if near else "see docs/recipe.md.")
        )
    tables = {name: about for name, about in table_notes().items() if any(_is_of(one, name) for one in found)}
    return RecipeFacts(
        tables=tables, keys=tuple(KeyFacts(**{**asdict(one), "only": one.only or None}) for one in found)
    )


def _is_of(key: RecipeKey, name: str) -> bool:
    return key.name == name or key.name.startswith(f"{name}.")


def _write(file: Path) -> None:
    try:
        files.write_atomic(file, files.to_json(schema_of_recipes()))
    except OSError as error:
        raise InputError(f"--schema {file}: can't be written ({error.strerror or error}).") from None
    status(f'wrote {file}; an editor with taplo reads it where a recipe begins with "#:schema {file}"')
