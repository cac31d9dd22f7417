"""What a model or a service answered, by key, written down as it comes: a JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from pydantic import JsonValue

from . import files


class KeptAnswers:
    """A file of answers that outlives an interrupted run; a line that was cut by a kill is dropped."""

    def __init__(self, file: Path) -> None:
        """Read what there is; the file need not exist."""
        self._file = file
        text = file.read_bytes().decode("utf-8", "replace") if file.is_file() else ""
        self._said: dict[str, JsonValue] = dict(filter(None, map(_read, text.split("\n"))))
        if text and not text.endswith("\n"):
            self.keep(self._said)

    def get(self, key: str) -> JsonValue:
        """Return what was said, None where nothing was."""
        return self._said.get(key)

    def add(self, key: str, said: JsonValue) -> None:
        """Write down what was said."""
        self._said[key] = said
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.open("a", encoding="utf-8") as stream:
            stream.write(_line(key, said))

    def keep(self, keys: Iterable[str]) -> None:
        """Leave nothing else in the file."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        files.write_atomic(self._file, "".join(_line(key, self._said[key]) for key in keys))


def _line(key: str, said: JsonValue) -> str:
    # Escaped: half a character that a model writes is no UTF-8.
    return json.dumps({"key": key, "said": said}) + "\n"


def _read(line: str) -> tuple[str, JsonValue] | None:
    try:
        row = json.loads(line)
        return str(row["key"]), row["said"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
