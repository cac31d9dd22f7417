"""Votes on passages, as judged questions that `pocketrag import` takes."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pocketrag.errors import InputError

KEYS = ("question", "passage", "score")


class Votes:
    """A file of JSON lines, one a vote: {"question": "...", "expected": [{"id": "a1", "score": 1}]}."""

    def __init__(self, file: str) -> None:
        """Take the file; it need not be there, and what it holds stays."""
        self.file = Path(file)
        self.written = 0
        self._lock = threading.Lock()

    def add(self, body: Mapping[str, Any], known: set[str]) -> None:
        """Add the vote of a request.

        Args:
            body: `question`, `passage` (its id) and `score`, 1 or 0.
            known: the ids of the bundle's passages.

        Raises:
            InputError: a value is none, or the file can't be written.

        """
        question, passage, score = (body.get(key) for key in KEYS)
        if not isinstance(question, str) or not question.strip():
            raise InputError("`question`: must be text.")
        if not isinstance(passage, str) or passage not in known:
            raise InputError("`passage`: the bundle holds none of that id.")
        if score not in (0, 1) or isinstance(score, bool):
            raise InputError("`score`: must be 1 or 0.")
        row = {"question": " ".join(question.split()), "expected": [{"id": passage, "score": score}]}
        with self._lock:
            try:
                with self.file.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(row, ensure_ascii=False) + "\n")
            except (OSError, UnicodeEncodeError) as error:
                raise InputError(f"{self.file}: {error}") from None
            self.written += 1
