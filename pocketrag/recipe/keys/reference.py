"""The reference of all keys, for people and for editors.

`python -m pocketrag.recipe.keys.reference [FOLDER]` writes docs/recipe.md and docs/recipe.schema.json.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from pocketrag.formats import files

from .recipe_keys import RecipeKey, recipe_keys, schema_of_recipes, table_notes

PAGE, SCHEMA = Path("recipe.md"), Path("recipe.schema.json")
HEAD = """\
# Keys of a recipe
A recipe is a TOML file. `name` and `data.corpus` must be there, everything else may be left out. Paths are
relative to the recipe's folder. In the terminal `pocketrag recipe` shows the same as this page, and
`pocketrag recipe train.method` one key. An unknown key ends any command with exit code 2, its line, and the
key that was probably meant. For an editor with taplo, or another reader of JSON Schemas,

```sh
pocketrag recipe --schema recipe.schema.json
```

writes a schema; `#:schema ./recipe.schema.json` as the recipe's first line names it. This page is written
from the code by `make schemas`.
"""
MUST = "must be there"


def documents() -> dict[Path, str]:
    """Return what is to lie in docs/, by its place there."""
    return {PAGE: "\n".join(_page()), SCHEMA: files.to_json(schema_of_recipes())}


def _page() -> Iterator[str]:
    yield HEAD
    for name in dict.fromkeys(_table(key) for key in recipe_keys()):
        yield f"## [{name}]" if name else "## Above all tables"
        if note := table_notes().get(name):
            yield f"{note}\n"
        yield "| key | takes | default | what for |\n|---|---|---|---|"
        yield from (_row(key) for key in recipe_keys() if _table(key) == name)
        yield ""


def _table(key: RecipeKey) -> str:
    return key.name.rpartition(".")[0]


def _row(key: RecipeKey) -> str:
    default = MUST if key.default is None else f"`{key.default}`" if key.default else ""
    kind = f" (`{key.only}`)" if key.only else ""
    cells = (f"`{key.name.rpartition('.')[2]}`{kind}", key.takes, default, key.about)
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def main(folder: Path) -> None:
    """Write all of it."""
    for place, text in documents().items():
        files.write_atomic(folder / place, text)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs"))
