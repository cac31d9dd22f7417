"""What deltas and channels sign: a JSON object that says of which kind and format it is."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Final

from pocketrag.errors import InputError

#: The only format of deltas and channels that there is yet.
FORMAT: Final = 1


def json_object(data: bytes) -> dict[str, object] | None:
    """Return the JSON object that UTF-8 bytes hold; None where they hold none."""
    try:
        values = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    return values if isinstance(values, dict) else None


def of_kind(data: bytes, kind: str, where: str, what: str) -> dict[str, object]:
    """Return the JSON object that was signed; `what` says for people what it should be.

    Raises:
        InputError: it is of another kind or format.

    """
    values = json_object(data)
    if values is None or values.get("kind") != kind:
        raise InputError(f"{where}: not {what}, or damaged.")
    if values.get("format") != FORMAT:
        raise InputError(
            f"{where}: {what} of format {values.get('format')!r}; this pocketrag reads {FORMAT}. "
            "Take a newer one."
        )
    return values


def decoded(text: str) -> bytes:
    """Return the bytes that a text says in base64; none where it is not that."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
