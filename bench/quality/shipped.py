"""An encoder scored as it ships: through LiteRT and SQLite, in every mode."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pocketrag.console import progress
from pocketrag.formats import files
from pocketrag.formats.bundle_encoder import FULL, Fusion, make_encoder
from pocketrag.formats.data.beir import Qrels, Question
from pocketrag.formats.embedder.embedder_spec import EmbedderSpec
from pocketrag.formats.facts.index import IndexFacts
from pocketrag.formats.layout import DATABASE, SPEC
from pocketrag.pipeline.stage import Job
from pocketrag.reference import metrics
from pocketrag.reference.metrics import Scores
from pocketrag.runtime.rag import Rag
from pocketrag.runtime.ranking import Run

from . import runs

MODES = ("dense", "bm25", "hybrid")


@dataclass(frozen=True)
class Shipped:
    """What an encoder found, and how good that is."""

    dense: Run
    """By vectors alone."""
    scores: dict[str, Scores]
    """Mode -> measure -> question -> score."""
    apart: np.ndarray
    """The best cosine of each question that has no answer, float [n]."""


def open_shipped(job: Job, folder: Path, fusion: Fusion, name: str = FULL, kind: str = FULL) -> Rag:
    """Open an encoder, as its stage left it in `folder`, on the database of the stage `index`.

    Raises:
        InputError: it can't be opened.

    """
    spec = EmbedderSpec.model_validate(files.read_json(folder / SPEC))
    encoder = make_encoder(spec, fusion, name=name, kind=kind)
    return Rag(folder, [encoder], {job.recipe.name: database_of(job)})


def database_of(job: Job) -> tuple[Path, str]:
    """Return the file of the database that the stage `index` wrote, and the id of its model."""
    return job.inputs["index"].folder / DATABASE, job.facts("index", IndexFacts).model_id


def score_shipped(rag: Rag, questions: list[Question], judged: Qrels, refused: list[str]) -> Shipped:
    """Ask judged questions in every mode, and by vectors alone those that have no answer."""
    dense, similar = runs.rank_shipped(rag, questions, judged)
    others = {mode: rag_run(rag, questions, mode) for mode in MODES if mode != "dense"}
    scores = {"dense": {**metrics.score(dense, judged), runs.SIMILARITY: similar}}
    scores |= {mode: metrics.score(run, judged) for mode, run in others.items()}
    apart = [rag.dense(text, 1)[0][1] for text in progress(refused, "Asking what has no answer")]
    return Shipped(dense, scores, np.array(apart))


def rag_run(rag: Rag, questions: list[Question], mode: str) -> Run:
    """Rank every question through the runtime, as on the phone."""
    asked = progress(questions, f"Searching ({rag.encoder.name}, {mode})")
    return metrics.without_equal({q.id: rag.rank(q.text, mode=mode) for q in asked}, questions)  # type: ignore[arg-type]
