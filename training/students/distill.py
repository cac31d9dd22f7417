"""The stage `distill-NAME-SOURCE`: a small question encoder that lands where the full model lands."""

from __future__ import annotations

from collections.abc import Sequence, Set

import numpy as np
import torch

from pocketrag.console import status
from pocketrag.errors import InputError
from pocketrag.formats import files
from pocketrag.formats.embedder.embedder_spec import EmbedderSpec
from pocketrag.formats.facts.students import DistillFacts
from pocketrag.formats.layout import SPEC
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
from .held_score import shares, tops
from .lesson import Material
from .teacher import read_taught

#: Share of the questions' tokens that no text has: 2 to 3 % on the French corpus and the handbook.
MOST_UNSEEN = 0.3


def distill(job: Job) -> DistillFacts:
    """Train a student on the teacher's vectors; measure it on questions that it has not learned from.

    Writes its weights, as its kind keeps them.

    Raises:
        InputError: the texts do not show the questions' language, or training broke down.

    """
    which = held_questions(job.recipe, job.split())
    asked = agreement_questions(job.recipe) if which else []
    held = [asked[number] for number in which]
    taught = _questions(job)[which] if which else np.zeros((0, _spec(job).dims), np.float32)
    material = _material(job, held, taught)
    seen = {id_ for ids in material.ids for id_ in ids}
    unseen = _unseen(seen, [material.tokens.ids(text) for text in held])
    status(f"distilling {material.name} on {len(material.texts):,} texts")
    settings = material.settings
    trained = TRAINERS[settings.kind](material)
    if not all(bool(torch.isfinite(part).all()) for part in trained.student.parameters()):
        raise InputError(
            f"[students.{material.name}]: training ended in weights that are no numbers. Lower "
            "`learning_rate`, or raise `temperature`."
        )
    kind = KINDS[settings.kind]
    kind.save(trained.student, job.out)
    found = kind.encode(trained.student, [trained.tokens.whole(text) for text in held])
    overlap = shares(tops(taught, material.passages), tops(found, material.passages))
    return DistillFacts(
        student=material.name,
        kind=settings.kind,
        texts=len(material.texts),
        tokens=len(seen),
        dims=material.dims,
        unseen=unseen,
        overlap=metrics.mean_with_interval(overlap) if held else None,
        training=trained.training,
    )


def _material(job: Job, held: list[str], taught: np.ndarray) -> Material:
    name, spec = str(job.ref.student), _spec(job)
    settings = job.recipe.students[name]
    texts, vectors = read_taught(job.inputs["teacher"].folder)
    prompts = spec.prompts.model_copy(update={"query": settings.query})
    # Judged questions judge; of those nothing may choose a checkpoint.
    chooses = bool(job.recipe.data.unjudged)
    return Material(
        name=name,
        texts=[one.text for one in texts],
        taught=shorten(vectors, spec.dims),
        passages=read_vectors(job.inputs["reference"].folder, PASSAGES, spec.dims),
        held=held if chooses else [],
        held_taught=taught if chooses else taught[:0],
        tokens=student_tokens(job.inputs["convert"].folder, spec.tokenizer, prompts, spec.lengths[-1]),
        embedder=job.embedder,
        checkpoints=job.checkpoints(),
        settings=settings,
    )


def _spec(job: Job) -> EmbedderSpec:
    return EmbedderSpec.model_validate(files.read_json(job.inputs["convert"].folder / SPEC))


def _questions(job: Job) -> np.ndarray:
    return read_vectors(job.inputs["reference"].folder, QUESTIONS, _spec(job).dims)


def _unseen(seen: Set[int], held: Sequence[Sequence[int]]) -> float | None:
    known = [id_ in seen for ids in held for id_ in ids]
    unseen = round(1 - float(np.mean(known)), 6) if known else None
    if unseen is not None and unseen > MOST_UNSEEN:
        raise InputError(
            f"[students]: {unseen:.0%} of the tokens of the recipe's questions stand in none of the texts to "
            "learn from: these show another language or another field. Name questions like them as "
            "`data.unjudged`, or their language in `teacher.languages`."
        )
    return unseen
