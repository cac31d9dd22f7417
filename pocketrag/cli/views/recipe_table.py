"""The tables of `recipe`: its keys, or one of them in full."""

from __future__ import annotations

from pocketrag.console import out, table
from pocketrag.formats.facts.recipe import KeyFacts, RecipeFacts


def show_recipe(facts: RecipeFacts) -> None:
    """Print one key in full, or a table of them for each table of the recipe."""
    if len({key.name for key in facts.keys}) == 1:
        for key in facts.keys:
            _one(key)
        return
    for name in dict.fromkeys(_table(key) for key in facts.keys):
        here = [key for key in facts.keys if _table(key) == name]
        title = f"[{name}]  {facts.tables.get(name, '')}" if name else "above all tables"
        out.print(f"\n{title}", markup=False)
        table("", ("key", "default", "what for"), [(_named(key), _default(key), key.about) for key in here])
    out.print("\none key in full: pocketrag recipe train.method", markup=False)


def _one(key: KeyFacts) -> None:
    rows = (
        ("takes", key.takes),
        ("default", _default(key)),
        ("what for", key.about),
        ("kind", key.only or ""),
    )
    table(key.name, ("", ""), [row for row in rows if row[1]])


def _table(key: KeyFacts) -> str:
    return key.name.rpartition(".")[0]


def _named(key: KeyFacts) -> str:
    last = key.name.rpartition(".")[2]
    return f"{last} ({key.only})" if key.only else last


def _default(key: KeyFacts) -> str:
    return "must be there" if key.default is None else key.default
