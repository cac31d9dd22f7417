"""What every JSONL file's lines and texts have to be."""

from __future__ import annotations

import json
import re
from typing import Any

from pocketrag.errors import InputError

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


def check_text(where: str, key: str, value: object) -> None:
    """Refuse a value that is not text, or empty (a title may be), or that no database can carry.

    Raises:
        InputError: the message names place and key.

    """
    if value is None and key != "title":
        raise InputError(f"{where}: `{key}` is missing.")
    if not isinstance(value, str) and not (key == "title" and value is None):
        raise InputError(f"{where}: `{key}` must be a string, found {type(value).__name__}.")
    if key != "title" and not str(value).strip():
        raise InputError(f"{where}: `{key}` is empty.")
    if isinstance(value, str) and UNFIT.search(value):
        raise InputError(f"{where}: `{key}` holds a NUL or a lone surrogate, which is not text.")
