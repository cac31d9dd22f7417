"""How long whole answers of one encoder take on this machine, and what they add to a process's memory.

`python -m pocketrag.bench.timing.answers` is a process of its own, so that memory is this encoder's alone; it
reads what to time from standard input as JSON, and the last line of its output is JSON.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

from pocketrag.formats.bundle_encoder import Encoder
from pocketrag.formats.facts.base import Facts
from pocketrag.formats.facts.students import AnswerTimes
from pocketrag.runtime.embedder import LiteRtEmbedder
from pocketrag.runtime.rag import Rag
from pocketrag.sampling import spread

from .noise import reference
from .own_process import own_process
from .process import resident, timed

#: Of the test questions: enough for a median, seconds for the full model.
QUESTIONS = 60
#: Runs before the clock starts.
WARM = 3
#: This one; the process that measures is started by this name.
MODULE = "pocketrag.bench.timing.answers"


class Timing(Facts):
    """What a process is to time."""

    folder: str
    """Of the model and its tokenizer."""
    encoder: Encoder
    database: str
    model_id: str
    questions: tuple[str, ...]


def time_answers(
    encoder: Encoder, folder: Path, database: tuple[Path, str], questions: list[str]
) -> AnswerTimes:
    """Time an encoder's answers, on one thread, in a process of its own.

    Args:
        encoder: which.
        folder: of its model and its tokenizer.
        database: its file, and the id of its model.
        questions: at most `QUESTIONS` of them are asked.

    Raises:
        PocketragError: the process ended early, or took too long.

    """
    asked = tuple(spread(questions, QUESTIONS))
    file, model_id = database
    task = Timing(folder=str(folder), encoder=encoder, database=str(file), model_id=model_id, questions=asked)
    return AnswerTimes.read(own_process(MODULE, [], task.as_json(), str(folder)))


def measure(task: Timing) -> AnswerTimes:
    """Time it in this process."""
    import ai_edge_litert.compiled_model  # noqa: F401 - no phone loads Python's libraries: not counted

    before, quiet, whole = resident(), list[float](), list[float]()
    with Rag(
        Path(task.folder),
        [task.encoder],
        {"corpus": (Path(task.database), task.model_id)},
        opener=lambda folder, spec, file: LiteRtEmbedder(folder, spec, 1, file),
    ) as rag:
        for question in task.questions[:WARM]:
            rag.search(question)
        for question in task.questions:
            quiet.append(timed(reference)[1])
            whole.append(timed(rag.search, question)[1])
        after = resident()
    median = float(np.median(whole))
    return AnswerTimes(
        n=len(whole),
        ms=round(median, 3),
        of_reference=round(median / float(np.median(quiet)), 3),
        memory_mb=round(after - before, 1) if before is not None and after is not None else None,
    )


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(Timing.read(json.load(sys.stdin))).as_json()) + "\n")
