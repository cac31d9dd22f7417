"""The model's answers, kept as they come: an interrupted run goes on, and a changed passage is asked anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pocketrag import interrupt
from pocketrag.console import progress
from pocketrag.formats import files
from pocketrag.formats.data.beir import Passage
from pocketrag.formats.kept_answers import KeptAnswers
from pocketrag.runtime.generator.engine import GenerationError

from .question_template import prompt_of
from .writers import Writer

#: In the recipe's work folder: one JSON object a line, with `key` and `said`.
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
    kept, found = KeptAnswers(work / FILE), Replies({})
    for passage in progress(list(passages), "Writing questions"):
        interrupt.raise_if_interrupted()
        prompt = prompt_of(template, passage, number)
        key = files.digest_of({"prompt": prompt, "seed": seed, "writer": writer.identity})
        if isinstance(known := kept.get(key), str):
            found.kept += 1
            found.texts[passage.id] = known
            continue
        try:
            found.texts[passage.id] = writer.write(prompt)
        except GenerationError:
            found.failed += 1
            continue
        if found.texts[passage.id].strip():  # a server that was unwell is asked again
            kept.add(key, found.texts[passage.id])
    return found
