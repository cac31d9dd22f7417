"""The stage `teacher-SOURCE`: what the full model makes of texts that it is asked as questions.

The longest stage of a student by far, so that it is cut into shards that outlive an interrupted run, and
only texts that are new are embedded again. Texts run in batches, so that a vector depends on its neighbours
by some 1e-7: a student made after a change of the texts may differ by that from one made afresh.
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from pocketrag.console import progress, status
from pocketrag.formats import files
from pocketrag.formats.data.lines import read_lines
from pocketrag.formats.facts.students import TeacherFacts
from pocketrag.formats.layout import TAUGHT, TAUGHT_TEXTS
from pocketrag.pipeline.stage import Job
from pocketrag.reference import float_model, reuse

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
    teacher = _Teacher(job.reference, job.checkpoints(), processor)
    prompted = [job.prompts.ask(one.text) for one in texts]
    vectors, counts = reuse.with_reused(
        prompted,
        lambda rows: teacher.embed([prompted[row] for row in rows]),
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

    def __init__(self, folder: Path, shards: Path, processor: str) -> None:
        self._folder, self._shards, self._processor = folder, shards, processor

    @cached_property
    def _model(self) -> Any:  # noqa: ANN401 - a SentenceTransformer
        return float_model.load_float(self._folder)

    def embed(self, prompted: list[str]) -> np.ndarray:
        """Return float32 [n, dims]; shards that are there are read."""
        starts = range(0, len(prompted), SHARD)
        shards = [
            self._shard(prompted[start : start + SHARD])
            for start in progress(starts, f"Asking the teacher {len(prompted):,} texts")
        ]
        return np.concatenate(shards)

    def _shard(self, prompted: list[str]) -> np.ndarray:
        # By what it is of: without the earlier stage, or on another processor, other texts are embedded.
        file = self._shards / f"{files.digest_of([self._processor, *prompted])}.npy"
        if (found := _read(file, len(prompted))) is not None:
            return found
        vectors = np.asarray(float_model.encode(self._model, prompted, progress=False), np.float32)
        with tempfile.NamedTemporaryFile(dir=self._shards, suffix=".part", delete=False) as stream:
            np.save(stream, vectors)
        digest = files.sha256(Path(stream.name))
        Path(stream.name).replace(file)
        files.write_atomic(file.with_suffix(".sha256"), digest + "\n")
        return vectors


def _read(file: Path, rows: int) -> np.ndarray | None:
    """Return a shard's vectors; None where there are none, or not those that were written."""
    if not file.is_file():
        return None
    digest = file.with_suffix(".sha256")
    if not digest.is_file() or digest.read_text("utf-8").strip() != files.sha256(file):
        status(f"{file}: damaged; asked again")
        return None
    found = np.asarray(np.load(file, allow_pickle=False), np.float32)
    return found if len(found) == rows else None


def _line(one: Text) -> str:
    return json.dumps(one._asdict(), ensure_ascii=False) + "\n"
