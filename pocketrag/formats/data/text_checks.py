"""What every JSONL file's lines and texts have to be."""

from __future__ import annotations

import difflib
import json
import re
import unicodedata
from collections.abc import Collection, Mapping
from typing import Any

from pocketrag.errors import InputError

#: How like a known key a slip is, of 1 (difflib).
LIKE = 0.8
#: What no text of a database, a tokenizer or a TREC run can carry faithfully.
UNFIT = re.compile("[\x00\ud800-\udfff]")


def json_object(where: str, line: str, keys: str) -> dict[str, Any]:
    """Return the JSON object of a line; `keys` says in the message what it must have.

    Raises:
        InputError: it is not JSON, or no object.

    """
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:  # ValueError: an integer of thousands of digits
        raise InputError(f"{where}: not JSON ({error}).") from None
    if not isinstance(record, dict):
        raise InputError(f"{where}: expected a JSON object with {keys}.")
    return record


def refuse_slips(where: str, record: Mapping[str, object], known: Collection[str]) -> None:
    """Refuse a key that is nearly one of the known ones; others are the author's own and stay.

    Raises:
        InputError: the message names place and key.

    """
    for key in record:
        near = difflib.get_close_matches(key, known, 1, LIKE)
        if key not in known and near:
            raise InputError(f"{where}: unknown key `{key}`; did you mean `{near[0]}`?")


def check_text(where: str, key: str, value: object) -> None:
    """Refuse a value that is not text, or empty (a title may be), or that no database can carry.

    Raises:
        InputError: the message names place and key.

    """
    if value is None and key != "title":
        raise InputError(f"{where}: `{key}` is missing.")
    if not isinstance(value, str) and not (key == "title" and value is None):
        raise InputError(f"{where}: `{key}` must be a string, found {type(value).__name__}.")
    if key != "title" and not any(map(_is_seen, str(value))):
        raise InputError(f"{where}: `{key}` is empty.")
    if isinstance(value, str) and UNFIT.search(value):
        raise InputError(f"{where}: `{key}` holds a NUL or a lone surrogate, which is not text.")


def _is_seen(letter: str) -> bool:
    # Cf: joiners, marks of direction, spaces of no width.
    return not letter.isspace() and unicodedata.category(letter) != "Cf"
