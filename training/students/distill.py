"""The stage `distill-NAME-SOURCE`: a small question encoder that lands where the full model lands."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from pocketrag.console import status
from pocketrag.errors import InputError
from pocketrag.formats import files
from pocketrag.formats.embedder.embedder_spec import EmbedderSpec
from pocketrag.formats.facts.measures import MeanWithInterval
from pocketrag.formats.facts.students import DistillFacts
from pocketrag.formats.golden import TOP
from pocketrag.formats.layout import SPEC, STUDENT
from pocketrag.pipeline.stage import Job
from pocketrag.reference import metrics
from pocketrag.reference.float_vectors import (
    PASSAGES,
    QUESTIONS,
    agreement_questions,
    read_vectors,
    shorten,
)
from pocketrag.reference.held_questions import held_questions
from pocketrag.reference.student_kinds import KINDS
from pocketrag.reference.student_tokens import student_tokens

from .by_kind import TRAINERS
from .lesson import Lesson
from .teacher import read_taught

#: Share of the questions' tokens that no text has: 2 to 3 % on the French corpus and the handbook.
MOST_UNSEEN = 0.3


def distill(job: Job) -> DistillFacts:
    """Train a student on the teacher's vectors; measure it on questions that it has not learned from.

    Writes `STUDENT`, its weights.

    Raises:
        InputError: the texts do not show the questions' language.

    """
    name = str(job.ref.student)
    settings, model = job.recipe.students[name], job.inputs["convert"].folder
    spec = EmbedderSpec.model_validate(files.read_json(model / SPEC))
    tokens = student_tokens(model, spec, settings.query)
    texts, vectors = read_taught(job.inputs["teacher"].folder)
    reference = job.inputs["reference"].folder
    passages = read_vectors(reference, PASSAGES, spec.dims)
    rows = [tokens.ids(one.text) for one in texts]
    which = held_questions(job.recipe, job.split())
    asked = agreement_questions(job.recipe) if which else []
    held = [tokens.ids(asked[number]) for number in which]
    lesson = Lesson(rows, shorten(vectors, spec.dims), passages, tokens, job.embedder, settings)
    unseen = _unseen(lesson.seen, held)
    status(f"distilling {name} on {len(rows):,} texts")
    student = TRAINERS[settings.kind](lesson)
    if not all(bool(torch.isfinite(part).all()) for part in student.parameters()):
        raise InputError(
            f"[students.{name}]: training ended in weights that are no numbers. Lower `learning_rate`, or "
            "raise `temperature`."
        )
    kind = KINDS[settings.kind]
    kind.save(student, job.out / STUDENT)
    return DistillFacts(
        student=name,
        kind=settings.kind,
        texts=len(rows),
        tokens=len(lesson.seen),
        dims=spec.dims,
        unseen=unseen,
        overlap=_overlap(
            kind.encode(student, held), read_vectors(reference, QUESTIONS, spec.dims)[which], passages
        )
        if which
        else None,
    )


def _overlap(ours: np.ndarray, taught: np.ndarray, passages: np.ndarray) -> MeanWithInterval:
    wanted, found = (_tops(vectors, passages) for vectors in (taught, ours))
    shares = [len(theirs & own) / len(theirs) for theirs, own in zip(wanted, found, strict=True)]
    return metrics.mean_with_interval(np.array(shares))


def _tops(vectors: np.ndarray, passages: np.ndarray) -> list[set[int]]:
    order = np.argsort(-(vectors @ passages.T), axis=1, kind="stable")
    return [set(row[:TOP].tolist()) for row in order]


def _unseen(tokens: Sequence[int], held: Sequence[Sequence[int]]) -> float | None:
    seen = set(tokens)
    known = [id_ in seen for ids in held for id_ in ids]
    unseen = round(1 - float(np.mean(known)), 6) if known else None
    if unseen is not None and unseen > MOST_UNSEEN:
        raise InputError(
            f"[students]: {unseen:.0%} of the tokens of the recipe's questions stand in none of the texts to "
            "learn from: these show another language or another field. Name questions like them as "
            "`data.unjudged`, or their language in `teacher.languages`."
        )
    return unseen
