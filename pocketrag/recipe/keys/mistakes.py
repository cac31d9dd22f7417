"""What is wrong with a recipe: each mistake with its line, and for an unknown key the one that was meant."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from ..toml import explain, key_of
from .patterns import in_words
from .recipe_keys import NAMED, recipe_keys, table_notes

#: `[table]` or `[[table]]`, and `key =`; keys may be dotted and quoted.
HEADER, KEY = re.compile(r"\[\[?\s*([^\[\]]+?)\s*\]"), re.compile(r"([\w.\"'@ -]+?)\s*=")
#: How like another key an unknown one must be to be taken for it, of 1 (difflib).
LIKE = 0.6
#: Most keys that are offered for one.
OFFERED = 2
#: The table whose entries have names of the author's.
STUDENTS = "students"


def all_of(file: Path, errors: Iterable[Any]) -> str:
    """Return pydantic's errors about a recipe in words, one a line, each with the place where it stands."""
    lines = file.read_text("utf-8").splitlines()
    return "\n".join(f"{_place(file, lines, error)}: {_said(error)}" for error in errors)


def line_of(lines: Sequence[str], path: Sequence[str]) -> int | None:
    """Return the number, from 1, of the line that sets a key; else of the table that it belongs to.

    Lines are looked at one by one: a key inside a value of several lines is not found.
    """
    table: list[str] = []
    nearest = None
    for number, line in enumerate(lines, 1):
        if header := HEADER.match(line.strip()):
            table = _parts(header[1])
            if table == list(path[: len(table)]):
                nearest = number
        elif (key := KEY.match(line.strip())) and _is_begun_by(path, [*table, *_parts(key[1])]):
            return number
    return nearest


def meant(name: str) -> list[str]:
    """Return the keys or tables that an unknown one may be a slip for, the likeliest first."""
    table, _, last = _canonical(name).rpartition(".")
    names = list(dict.fromkeys((*(key.name for key in recipe_keys()), *table_notes())))
    beside = {one.rpartition(".")[2]: one for one in names if one.rpartition(".")[0] == table}
    near = [beside[one] for one in difflib.get_close_matches(last, beside, OFFERED, LIKE)]
    same = [one for one in names if one.rpartition(".")[2] == last]
    found = list(dict.fromkeys((*near, *same)))[:OFFERED] or difflib.get_close_matches(name, names, 1, LIKE)
    return [_as_named(one, name) for one in found]


def _said(error: Any) -> str:  # noqa: ANN401 - pydantic's ErrorDetails
    key = ".".join(key_of(error))
    if error["type"] == "extra_forbidden":
        if kinds := _kinds_of(key):
            return f"`{key}` is a key of students of kind {kinds}, and not of this one; remove it"
        offered = " or ".join(f"`{one}`" for one in meant(key))
        return f"unknown key `{key}`; " + (
            f"did you mean {offered}?" if offered else "remove it (`pocketrag recipe`)"
        )
    if error["type"] == "string_pattern_mismatch":
        return f"`{key}`: {error['input']!r} must be {in_words(error['ctx']['pattern'])}"
    return explain(error)


def _kinds_of(name: str) -> str:
    # Of a key that is known there, but for students of another kind.
    kinds = (one.only for one in recipe_keys() if one.only and one.name == _canonical(name))
    return " or ".join(dict.fromkeys(kinds))


def _place(file: Path, lines: Sequence[str], error: Any) -> str:  # noqa: ANN401
    number = line_of(lines, [part for part in key_of(error) if not part.isdigit()])
    return f"{file}: line {number}" if number else str(file)


def _canonical(name: str) -> str:
    parts = name.split(".")
    return ".".join([STUDENTS, NAMED, *parts[2:]] if parts[0] == STUDENTS and len(parts) > 1 else parts)


def _as_named(found: str, name: str) -> str:
    # With the name of the author's own table again.
    mine = name.split(".")
    return (
        found.replace(f"{STUDENTS}.{NAMED}", ".".join(mine[:2]))
        if mine[0] == STUDENTS and mine[1:]
        else found
    )


def _is_begun_by(path: Sequence[str], key: Sequence[str]) -> bool:
    return list(path[: len(key)]) == list(key)


def _parts(text: str) -> list[str]:
    return [part.strip().strip("\"'") for part in text.split(".")]
