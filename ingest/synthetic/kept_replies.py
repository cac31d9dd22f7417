"""The model's answers, kept as they come: an interrupted run goes on, and a changed passage is asked anew."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pocketrag import interrupt
from pocketrag.console import progress
from pocketrag.formats import files
from pocketrag.formats.data.beir import Passage
from pocketrag.runtime.generator.engine import GenerationError

from .question_template import prompt_of
from .writers import Writer

#: In the recipe's work folder: one JSON object a line, with `key` and `reply`.
FILE = Path("questions", "replies.jsonl")


@dataclass
class Replies:
    """What the model said to each passage."""

    texts: dict[str, str]
    """Passage id -> its answer."""
    kept: int = 0
    """Of an earlier run."""
    failed: int = 0
    """Passages that it could not answer: too long for it."""


def ask(
    writer: Writer, passages: Sequence[Passage], template: str, number: int, seed: int, work: Path
) -> Replies:
    """Ask for questions to every passage, and keep each answer at once.

    An answer of an earlier run counts where passage, template, number, seed and model are the same.

    Raises:
        InputError: the model can't be asked; what it answered before is kept.

    """
    file = work / FILE
    file.parent.mkdir(parents=True, exist_ok=True)
    known, found = _read(file), Replies({})
    with file.open("ab") as stream:
        if file.stat().st_size and not _whole(file):
            stream.write(b"\n")
        for passage in progress(list(passages), "Writing questions"):
            interrupt.raise_if_interrupted()
            prompt = prompt_of(template, passage, number)
            key = files.digest_of({"prompt": prompt, "seed": seed, "writer": writer.identity})
            if key in known:
                found.kept += 1
                found.texts[passage.id] = known[key]
                continue
            try:
                reply = writer.write(prompt)
            except GenerationError:
                found.failed += 1
                continue
            found.texts[passage.id] = reply
            # Escaped: half a character that a model writes is no UTF-8.
            stream.write(json.dumps({"key": key, "reply": reply}).encode() + b"\n")
            stream.flush()
    return found


def _read(file: Path) -> dict[str, str]:
    # A line that was cut by a kill is an answer that is asked for again.
    known: dict[str, str] = {}
    for line in file.read_bytes().split(b"\n") if file.is_file() else ():
        try:
            row = json.loads(line)
            known[str(row["key"])] = str(row["reply"])
        except (ValueError, KeyError, TypeError, RecursionError):
            continue
    return known


def _whole(file: Path) -> bool:
    with file.open("rb") as stream:
        stream.seek(-1, 2)
        return stream.read(1) == b"\n"
