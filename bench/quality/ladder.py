"""The stage `ladder-SOURCE`: every encoder of the recipe scored as it would ship, and which ships as what."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pocketrag.console import progress
from pocketrag.formats import files
from pocketrag.formats.bundle_encoder import FULL, Fusion, make_encoder
from pocketrag.formats.data.beir import Question
from pocketrag.formats.embedder.embedder_spec import EmbedderSpec
from pocketrag.formats.facts.base import Mode
from pocketrag.formats.facts.index import IndexFacts
from pocketrag.formats.facts.students import Compared, LadderFacts, Measured, StudentFacts
from pocketrag.formats.layout import DATABASE, LADDER, MODEL, SPEC
from pocketrag.formats.split import Split
from pocketrag.pipeline.settings import fusion_of_student
from pocketrag.pipeline.stage import Job
from pocketrag.reference import metrics
from pocketrag.reference.metrics import Scores
from pocketrag.runtime.rag import Rag
from pocketrag.runtime.ranking import Run

from ..prediction.predict import question_times
from . import runs
from .abstention import abstention, unanswerable
from .agreement import agreement
from .rule import decide
from .scores import SCORES

#: Modes that need an encoder.
MODES: tuple[Mode, ...] = ("dense", "hybrid")


@dataclass(frozen=True)
class Tried:
    """An encoder that might ship."""

    name: str
    kind: str
    folder: Path
    """Holds its model, its `SPEC` and its tokenizer."""
    fusion: Fusion


@dataclass(frozen=True)
class Scored:
    """What one encoder came to."""

    measured: Measured
    scores: dict[str, Scores]
    """Mode -> measure -> question -> score."""

    @property
    def searched(self) -> Scores:
        """Its scores as it searches."""
        return self.scores[self.measured.mode]


def climb(job: Job) -> LadderFacts:
    """Score all encoders on the test questions, compare each with the full one and with full text, decide.

    Raises:
        InputError: an encoder can't be opened.

    """
    split, ship = job.split(), job.recipe.ship
    found = [_score(job, split, one) for one in _tried(job)]
    full = next(one for one in found if one.measured.name == FULL)
    base = _base(job)
    measured = [
        one.measured.into(
            Compared,
            against_full=None if one is full else metrics.compare(one.searched, full.searched),
            against_bm25=metrics.compare(one.searched, one.scores["bm25"]),
            against_base=metrics.compare(one.scores["dense"], base) if base else None,
        )
        for one in found
    ]
    (job.out / SCORES).write_text(files.to_json({one.measured.name: one.scores for one in found}), "utf-8")
    rungs = decide(measured, ship, job.recipe.limits, job.recipe.encoders)
    facts = LadderFacts(loss=ship.loss, worst_loss=ship.worst_loss, n=len(split.test), rungs=tuple(rungs))
    # Facts are not in a stage's digest, files are: another decision packs another bundle.
    (job.out / LADDER).write_text(files.to_json(facts.as_json()), "utf-8")
    return facts


def _tried(job: Job) -> Iterator[Tried]:
    # The full one always: the others are measured against it, also where it is not to ship.
    for name in job.recipe.taught:
        done = job.inputs[f"student-{name}"]
        facts = job.facts(f"student-{name}", StudentFacts)
        yield Tried(name, facts.kind, done.folder, fusion_of_student(job.recipe, facts.fusion))
    yield Tried(FULL, FULL, job.inputs["quantize"].folder, Fusion.model_validate(job.settings["searched"]))


def _score(job: Job, split: Split, one: Tried) -> Scored:
    questions, judged = split.test, split.qrels
    judged = {q.id: judged[q.id] for q in questions}
    refused = unanswerable(job.recipe, questions)
    with _open(job, one) as rag:
        found, similar = runs.rank_shipped(rag, questions, judged)
        others = {mode: _run(rag, questions, mode, one.name) for mode in ("hybrid", "bm25")}
        apart = np.array([rag.dense(text, 1)[0][1] for text in refused])
        overlap, _ = agreement(job.recipe, rag, job.inputs["reference"].folder)
        tokens = [len(rag.embedder.ids(rag.spec.prompts.ask(q.text))) for q in questions]
        times = question_times(one.folder / MODEL, rag.spec.lengths, tokens)
    dense = {**metrics.score(found, judged), runs.SIMILARITY: similar}
    scores = {"dense": dense, **{mode: metrics.score(run, judged) for mode, run in others.items()}}
    measured = Measured(
        name=one.name,
        kind=one.kind,
        bytes=(one.folder / MODEL).stat().st_size,
        mode=one.fusion.mode,
        dense_weight=one.fusion.dense_weight,
        modes={mode: metrics.means(row) for mode, row in scores.items()},
        overlap=overlap,
        abstention=abstention(runs.best(found), apart) if refused else None,
        predicted=times,
    )
    return Scored(measured, scores)


def _run(rag: Rag, questions: list[Question], mode: Mode, name: str) -> Run:
    asked = progress(questions, f"Searching ({name}, {mode})")
    return metrics.without_equal({q.id: rag.rank(q.text, mode=mode) for q in asked}, questions)


@contextmanager
def _open(job: Job, one: Tried) -> Iterator[Rag]:
    spec = EmbedderSpec.model_validate(files.read_json(one.folder / SPEC))
    index = job.inputs["index"]
    database = (index.folder / DATABASE, job.facts("index", IndexFacts).model_id)
    encoder = make_encoder(spec, one.fusion, name=one.name, kind=one.kind)
    with Rag(one.folder, [encoder], {job.recipe.name: database}) as rag:
        yield rag


def _base(job: Job) -> Scores | None:
    # Of a tuned teacher, its untuned base in float32.
    done = job.inputs.get("evaluate-base")
    return dict(files.read_json(done.folder / SCORES)) if done else None
