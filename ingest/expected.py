"""The ids of the chunks that answer a question, in the shapes in which files hold them."""

from __future__ import annotations

import ast
import difflib
import json
import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from pocketrag.errors import InputError
from pocketrag.formats.data.judgement import grade

from .ids import find, same, spelled

#: What separates ids in one string.
MARKS = (";", "|", ",")
IDS = ("id", "_id", "chunk_id", "doc_id", "passage_id", "corpus_id", "uuid")
#: The file and line of a judgement that stands apart from its question.
PLACE = "judged in"
SCORES = ("score", "relevance", "grade")

#: An id as the file gives it, its score where the file gives one, and its place where that is another file.
Expected = list[tuple[str, Any, str]]


def read_expected(where: str, value: Any, known: Mapping[str, str]) -> Expected:  # noqa: ANN401 - any JSON value
    """Return the ids that a value names.

    A list, a JSON (or Python) list as text, or ids separated by `,`, `;` or `|`.

    `known` decides where a text can be read in several ways: an id may hold a comma.

    Raises:
        InputError: the value, or an item of the list, is not an id.

    """
    if isinstance(value, list):
        return [_item(where, item) for item in value]
    if isinstance(value, str) and find(known, value) is None:
        listed = _literal(value)
        return (
            read_expected(where, listed, known)
            if listed is not None
            else [(id_, None, where) for id_ in _split(value, known)]
        )
    return [_item(where, value)]


def whole_score(where: str, value: Any) -> int:  # noqa: ANN401 - any JSON value
    """Return a judgement's score; 1 where there is none.

    Raises:
        InputError: it is not a whole number of at least 0.

    """
    if value is None or value == "":
        return 1
    whole = None if isinstance(value, bool) else grade(str(value))
    if whole is None or whole < 0:
        raise InputError(
            f"{where}: the score {value!r} is not a whole number of at least 0; `--field score=` leaves a "
            "field of scores alone."
        )
    return whole


def unknown(where: str, id_: str, known: Mapping[str, str]) -> InputError:
    """Return the error for an expected id that no chunk has, with the most similar ids."""
    close = difflib.get_close_matches(same(id_), list(known), n=3)
    hint = f"closest: {', '.join(map(repr, close))}" if close else "none is like it"
    return InputError(
        f"{where}: no chunk has the expected id {id_!r} ({hint}). Mend it, or drop such ids "
        "with --skip-unknown."
    )


def _item(where: str, item: Any) -> tuple[str, Any, str]:  # noqa: ANN401 - any JSON value
    score = None
    if isinstance(item, dict):
        score = next((item[key] for key in SCORES if key in item), None)
        where = str(item.get(PLACE, where))
        name = next((key for key in IDS if key in item), None)
        if name is None:
            raise InputError(
                f"{where}: an expected chunk is an object without an id (one of {', '.join(IDS)})."
            )
        item = item[name]
    id_ = spelled(where, item)
    if not id_:
        raise InputError(f"{where}: an expected id is empty.")
    return id_, score, where


def _literal(text: str) -> Any:  # noqa: ANN401 - any JSON value
    # pandas writes a list into a CSV as Python spells it: ['a', 'b'].
    if text.strip()[:1] not in ("[", "{"):
        return None
    for read in (partial(json.loads, parse_float=str), ast.literal_eval):
        try:
            value = read(text.strip())
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
        return value if isinstance(value, list | dict) else None
    return None


def _split(text: str, known: Mapping[str, str]) -> list[str]:
    for mark in MARKS:
        parts = _parts(text, re.escape(mark))
        if len(parts) > 1 and all(find(known, part) is not None for part in parts):
            return parts
    return _parts(text, f"[{''.join(MARKS)}]")


def _parts(text: str, marks: str) -> list[str]:
    return [part.strip() for part in re.split(marks, text) if part.strip()]
