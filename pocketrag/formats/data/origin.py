"""Questions that a model wrote say so, and never judge: `origin` of their line, or of its `metadata`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from pocketrag.errors import InputError

from .lines import read_lines

#: The origin of a question that a model wrote, whether or not a person accepted or mended it.
SYNTHETIC: Final = "synthetic"


#: What is said of one among those that judge.
WHY: Final = (
    'the `origin` is "synthetic": a model wrote this question, so it may train and choose, and never judge. '
    "Take it out of this file; `data.synthetic` names the folder of such questions (docs/questions.md)."
)


def is_synthetic(record: dict[str, Any]) -> bool:
    """Say whether a line's object, or its `metadata`, names the origin `synthetic`."""
    metadata = record.get("metadata")
    places = (record, metadata) if isinstance(metadata, dict) else (record,)
    return any(str(place.get("origin", "")).strip().casefold() == SYNTHETIC for place in places)


def refuse_synthetic(file: Path) -> None:
    """Refuse a file of questions that judge where a line says that a model wrote it.

    Lines that are no JSON objects are left to the file's own reader.

    Raises:
        InputError: names file and line of the first one; or the file can't be read.

    """
    found = [number for number, line in read_lines(file) if is_synthetic(_object(line))]
    if found:
        more = f" So are {len(found) - 1} more lines." if len(found) > 1 else ""
        raise InputError(f"{file}:{found[0]}: {WHY}{more}")


def _object(line: str) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return record if isinstance(record, dict) else {}
