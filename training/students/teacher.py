"""The stage `teacher-SOURCE`: what the full model makes of texts that it is asked as questions.

The longest stage of a student by far, so that it is cut into shards that outlive an interrupted run, and
only texts that are new are embedded again. Texts run in batches, so that a vector depends on its neighbours
by some 1e-7: a student made after a change of the texts may differ by that from one made afresh.
"""

from __future__ import annotations

import json
from collections import Counter
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from pocketrag.formats.data.lines import read_lines
from pocketrag.formats.facts.students import TeacherFacts
from pocketrag.formats.layout import TAUGHT, TAUGHT_TEXTS
from pocketrag.pipeline.stage import Job
from pocketrag.reference import float_model, reuse
from pocketrag.reference.shards import Shards

from .texts import Text, texts_of

#: Texts that an interrupted run loses at most: EmbeddingGemma takes two processor cores a minute for them.
SHARD = 256


def teach(job: Job) -> TeacherFacts:
    """Embed every text of `texts_of` with the float model and its own question prompt.

    Writes `TAUGHT` float32 [n, dims] and `TAUGHT_TEXTS`, a JSON object with `kind` and `text` a row.

    Raises:
        InputError: there are too few texts, or a language has no list of words.

    """
    texts = texts_of(job.recipe, job.split())
    processor = float_model.processor()
    prompted = [job.prompts.ask(one.text) for one in texts]
    teacher, shards = _Teacher(job.reference), Shards(job.checkpoints(), processor, SHARD)

    def embed(rows: list[int]) -> np.ndarray:
        asked = [prompted[row] for row in rows]
        return shards.embed(asked, teacher.encode, f"Asking the teacher {len(asked):,} texts")

    vectors, counts = reuse.with_reused(
        prompted,
        embed,
        job.out / TAUGHT,
        job.earlier_by(processor),
        "texts",
    )
    np.save(job.out / TAUGHT, vectors)
    (job.out / TAUGHT_TEXTS).write_text("".join(map(_line, texts)), "utf-8")
    kinds = Counter(one.kind for one in texts)
    return TeacherFacts.model_validate(
        {"texts": len(texts), "kinds": dict(kinds), "processor": processor, **counts}
    )


def read_taught(folder: Path) -> tuple[list[Text], np.ndarray]:
    """Return the texts of a finished stage, and the teacher's vectors of them, float32 [n, dims]."""
    texts = [Text(**json.loads(line)) for _, line in read_lines(folder / TAUGHT_TEXTS)]
    return texts, np.load(folder / TAUGHT, allow_pickle=False)


class _Teacher:
    """The float model on this processor, loaded when a shard lacks."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def _model(self) -> Any:  # noqa: ANN401 - a SentenceTransformer
        return float_model.load_float(self._folder)

    def encode(self, prompted: list[str]) -> np.ndarray:
        """Return float32 [n, dims]."""
        return float_model.encode(self._model, prompted, progress=False)


def _line(one: Text) -> str:
    return json.dumps(one._asdict(), ensure_ascii=False) + "\n"
