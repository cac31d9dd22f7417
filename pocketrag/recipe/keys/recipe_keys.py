"""Every key of a recipe, read off its JSON Schema: what it takes, what it is by default, what it is for."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from ..recipe import Recipe
from .patterns import in_words

#: Stands where a recipe's author chooses the name of a table or a key.
NAMED = "NAME"
#: What JSON Schema calls a type -> what people do.
TYPES = {"integer": "whole number", "number": "number", "boolean": "true or false", "string": "text"}

Schema = Mapping[str, Any]


@dataclass(frozen=True)
class RecipeKey:
    """A key."""

    name: str
    """With its tables, `train.method`; `students.NAME.rank` where the table's name is the author's."""
    takes: str
    """Its type and limits, in words."""
    default: str | None
    """As TOML; "" where it is absent by default, None where it must be there."""
    about: str
    """One or more sentences."""
    only: str = ""
    """The kind of table that has it, where others have not."""


@cache
def schema_of_recipes() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of recipes."""
    title = "A recipe of pocketrag"
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Recipe.model_json_schema(),
        "title": title,
    }


@cache
def recipe_keys() -> tuple[RecipeKey, ...]:
    """Return all keys, in the order of the models."""
    schema = schema_of_recipes()
    return tuple(_of_table(schema, schema["$defs"], ""))


@cache
def table_notes() -> dict[str, str]:
    """Return what each table is for, by its name; several kinds of one table have several sentences."""
    schema = schema_of_recipes()
    return dict(_notes(schema, schema["$defs"], ""))


def _of_table(table: Schema, found: Schema, prefix: str, only: str = "") -> Iterator[RecipeKey]:
    needed = set(table.get("required", ()))
    for name, value in table.get("properties", {}).items():
        below = _tables(value, found, f"{prefix}{name}")
        for path, kinds in below:
            for kind in kinds:
                yield from _of_table(kind, found, f"{path}.", _kind(kind) if len(kinds) > 1 else only)
        if not below:
            default = None if name in needed else _toml(value.get("default"))
            yield RecipeKey(
                f"{prefix}{name}", _words(value), default, _line(value.get("description", "")), only
            )


def _notes(table: Schema, found: Schema, prefix: str) -> Iterator[tuple[str, str]]:
    for name, value in table.get("properties", {}).items():
        for path, kinds in _tables(value, found, f"{prefix}{name}"):
            yield path, " ".join(_line(kind.get("description", "")) for kind in kinds)
            for kind in kinds:
                yield from _notes(kind, found, f"{path}.")


def _tables(value: Schema, found: Schema, name: str) -> list[tuple[str, list[Schema]]]:
    # The tables that a key stands for: itself, or those that the author names below it.
    if kinds := _kinds(value, found):
        return [(name, kinds)]
    named = [*value.get("patternProperties", {}).values(), value.get("additionalProperties")]
    return [
        (f"{name}.{NAMED}", kinds) for one in named if isinstance(one, dict) and (kinds := _kinds(one, found))
    ]


def _kinds(value: Schema, found: Schema) -> list[Schema]:
    each = value.get("oneOf") or value.get("anyOf") or [value]
    named = [one["$ref"].split("/")[-1] for one in each if "$ref" in one]
    return [found[name] for name in named]


def _kind(table: Schema) -> str:
    kind = table.get("properties", {}).get("kind", {})
    return str(kind.get("const") or kind.get("default") or "")


def _words(value: Schema) -> str:
    choices = [one for one in value.get("anyOf", [value]) if one.get("type") != "null"]
    return " or ".join(dict.fromkeys(map(_word, choices)))


def _word(value: Schema) -> str:
    if "enum" in value or "const" in value:
        return "one of " + ", ".join(map(_toml, value.get("enum", [value.get("const")])))
    if value.get("type") == "array":
        items = value.get("items") or (value.get("prefixItems") or [{}])[0]
        return f"list: {_words(items)}"
    if value.get("type") == "object":
        return f"table of {_words(value.get('additionalProperties') or {})}"
    if value.get("format") in ("path", "file-path"):
        return "path, relative to the recipe"
    if "pattern" in value:
        return in_words(value["pattern"])
    return TYPES.get(value.get("type", ""), "text") + _limits(value)


def _limits(value: Schema) -> str:
    low, high = value.get("minimum"), value.get("maximum")
    above, below = value.get("exclusiveMinimum"), value.get("exclusiveMaximum")
    said = [
        f"{word} {number:g}"
        for word, number in (("at least", low), ("over", above), ("at most", high), ("under", below))
        if number is not None
    ]
    return f", {' and '.join(said)}" if said else ""


def _toml(value: object) -> str:
    # Plain values are written alike in TOML and JSON.
    return "" if value is None or value == {} else json.dumps(value, ensure_ascii=False)


def _line(text: str) -> str:
    return " ".join(text.split())
