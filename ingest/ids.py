"""Ids that fit a TREC run: kept as they are where they do, made where they don't or are missing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from pocketrag.errors import InputError
from pocketrag.formats.data.text_checks import UNFIT

from .rows import Row

T = TypeVar("T")
#: A whole number, and the point with which pandas writes those of a column that has gaps: 1 becomes 1.0.
INTEGER = re.compile(r"(-?[0-9]+)(?:\.0+)?")


def spelled(where: str, value: Any) -> str:  # noqa: ANN401 - any JSON value
    """Return an id as text, "" where it is missing.

    Raises:
        InputError: it is neither a string nor a number, or holds what is not text.

    """
    if isinstance(value, dict) and set(value) in ({"$oid"}, {"$uuid"}, {"$numberLong"}):  # as MongoDB exports
        value = next(iter(value.values()))
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise InputError(f"{where}: an id must be a string or a number, found {type(value).__name__}.")
    text = str(value)
    if UNFIT.search(text):
        raise InputError(f"{where}: the id {text!r} holds a NUL or a lone surrogate, which is not text.")
    return text if text.strip() else ""


def with_ids(rows: Sequence[Row], name: str | None) -> list[Row]:
    """Return the rows with the ids of that field as text, "" where one is missing.

    A column that holds whole numbers alone loses the `.0` that pandas puts behind them. Beside 1.1 or a word
    it stays: that is a version or a number of a chapter.

    Raises:
        InputError: a value is no id.

    """
    if name is None:
        return list(rows)
    ids = [spelled(row.where, row.fields.get(name)) for row in rows]
    if all(INTEGER.fullmatch(id_) for id_ in ids if id_):
        ids = [whole(id_) for id_ in ids]
    return [Row(row.where, {**row.fields, name: id_}) for row, id_ in zip(rows, ids, strict=True)]


def whole(id_: str) -> str:
    """Return a whole number without the `.0` behind it, and another id as it is."""
    number = INTEGER.fullmatch(id_)
    return number[1] if number else id_


def find(known: Mapping[str, T], id_: str) -> T | None:
    """Return what is known under an id: as it stands, else without a `.0` behind a whole number.

    `known` has ids as `same` spells them.
    """
    key = same(id_)
    return known.get(key, known.get(whole(key)))


def same(id_: str) -> str:
    """Return the form in which two ids are compared: an accent is the same in one character or in two."""
    return unicodedata.normalize("NFC", id_)


def check_distinct(wheres: Sequence[str], given: Sequence[str]) -> None:
    """Refuse two rows with one id.

    Raises:
        InputError: the message names both places.

    """
    first: dict[str, int] = {}
    for n, id_ in enumerate(given):
        before = first.setdefault(same(id_), n)
        if id_ and before != n:
            spelling = "" if given[before] == id_ else ", but for how its accents are encoded"
            raise InputError(
                f"{wheres[n]}: the id {id_!r} is that of {wheres[before]}{spelling}; ids must differ."
            )


def assign(given: Sequence[str], made: Sequence[str]) -> list[str]:
    """Return the final ids.

    The given one where it is without white space, else it with `_` for that, else the made one.

    What is made never takes a given id: it gets `-2`, `-3` …
    """
    taken = {same(id_) for id_ in given if _fits(id_)}
    return [id_ if _fits(id_) else _free(slug(id_) or slug(made[n]), taken) for n, id_ in enumerate(given)]


def slug(text: str) -> str:
    """Return the text with `_` for white space."""
    return re.sub(r"\s+", "_", text.strip())


def _fits(id_: str) -> bool:
    return bool(id_) and not re.search(r"\s", id_)


def _free(id_: str, taken: set[str]) -> str:
    free, n = id_, 1
    while same(free) in taken:
        n += 1
        free = f"{id_}-{n}"
    taken.add(same(free))
    return free
