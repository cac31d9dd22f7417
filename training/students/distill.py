"""The stage `distill-NAME-SOURCE`: a small question encoder that lands where the full model lands."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pocketrag.console import status
from pocketrag.formats import files
from pocketrag.formats.embedder.embedder_spec import EmbedderSpec
from pocketrag.formats.facts.measures import MeanWithInterval
from pocketrag.formats.facts.students import DistillFacts
from pocketrag.formats.layout import SPEC, STUDENT
from pocketrag.pipeline.stage import Job
from pocketrag.reference import metrics, static_student
from pocketrag.reference.float_vectors import (
    PASSAGES,
    QUESTIONS,
    agreement_questions,
    read_vectors,
    shorten,
)
from pocketrag.reference.student_tokens import student_tokens

from .fit_static import fit, start
from .teacher import read_taught

#: Passages that are compared: what an app shows.
TOP = 10


def distill(job: Job) -> DistillFacts:
    """Train a student on the teacher's vectors; measure it on questions that it has not learned from.

    Writes `STUDENT`, its weights.
    """
    name = str(job.ref.student)
    settings, model = job.recipe.students[name], job.inputs["convert"].folder
    spec = EmbedderSpec.model_validate(files.read_json(model / SPEC))
    tokens = student_tokens(model, spec, settings.query)
    texts, vectors = read_taught(job.inputs["teacher"].folder)
    reference = job.inputs["reference"].folder
    passages = read_vectors(reference, PASSAGES, spec.dims)
    rows = [tokens.ids(one.text) for one in texts]
    student = start(rows, tokens, spec.dims, settings)
    status(f"distilling {name} on {len(rows):,} texts")
    fit(student, rows, shorten(vectors, spec.dims), passages, settings)
    static_student.save(student, job.out / STUDENT)
    asked = agreement_questions(job.recipe) if job.recipe.data.has_questions else []
    held = [tokens.ids(text) for text in asked]
    return DistillFacts(
        student=name,
        kind=settings.kind,
        texts=len(rows),
        rows=len(student.table) - 1,
        dims=spec.dims,
        unseen=_unseen(student, held),
        overlap=_overlap(student, held, read_vectors(reference, QUESTIONS, spec.dims), passages)
        if asked
        else None,
    )


def _overlap(
    student: static_student.StaticStudent,
    held: Sequence[Sequence[int]],
    taught: np.ndarray,
    passages: np.ndarray,
) -> MeanWithInterval:
    ours = static_student.encode(student, held)
    wanted, found = (_tops(vectors, passages) for vectors in (taught, ours))
    shares = [len(theirs & own) / len(theirs) for theirs, own in zip(wanted, found, strict=True)]
    return metrics.mean_with_interval(np.array(shares))


def _tops(vectors: np.ndarray, passages: np.ndarray) -> list[set[int]]:
    order = np.argsort(-(vectors @ passages.T), axis=1, kind="stable")
    return [set(row[:TOP].tolist()) for row in order]


def _unseen(student: static_student.StaticStudent, held: Sequence[Sequence[int]]) -> float | None:
    known = [bool(student.rows[id_]) for ids in held for id_ in ids]
    return round(1 - float(np.mean(known)), 6) if known else None
