"""The stage `ladder-SOURCE`: every encoder of the recipe scored as it would ship, and which ships as what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pocketrag.formats import files
from pocketrag.formats.bundle_encoder import FULL, Fusion
from pocketrag.formats.data.negations import read_negations
from pocketrag.formats.embedder.embedder_spec import EmbedderSpec
from pocketrag.formats.facts.measures import Comparison
from pocketrag.formats.facts.students import AnswerTimes, Compared, LadderFacts, Measured, StudentFacts
from pocketrag.formats.layout import LADDER, MODEL, SPEC
from pocketrag.formats.split import Split
from pocketrag.pipeline.settings import fusion_of_student
from pocketrag.pipeline.stage import Job
from pocketrag.reference import metrics
from pocketrag.reference.held_questions import held_questions
from pocketrag.reference.metrics import Scores

from ..prediction.predict import question_times
from ..timing.answers import time_answers
from . import runs
from .abstention import abstention, unanswerable
from .agreement import agreement
from .negation import negation
from .rule import decide, is_smaller
from .scores import SCORES, scores_in
from .shipped import database_of, open_shipped, score_shipped


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
    times: AnswerTimes

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
    # Of a tuned teacher, its untuned base in float32.
    base = scores_in(job.inputs["evaluate-base"]) if "evaluate-base" in job.inputs else None
    measured = [
        one.measured.into(
            Compared,
            against_full=None if one is full else metrics.compare(one.searched, full.searched),
            against_bm25=metrics.compare(one.searched, one.scores["bm25"]),
            against_base=metrics.compare(one.scores["dense"], base) if base else None,
            against_smaller=_against_smaller(one, found),
        )
        for one in found
    ]
    (job.out / SCORES).write_text(files.to_json({one.measured.name: one.scores for one in found}), "utf-8")
    rungs = decide(measured, ship, job.recipe.limits, job.recipe.encoders)
    facts = LadderFacts(loss=ship.loss, worst_loss=ship.worst_loss, n=len(split.test), rungs=tuple(rungs))
    # Facts are not in a stage's digest, files are: another decision packs another bundle, and other times
    # don't.
    (job.out / LADDER).write_text(files.to_json(facts.as_json()), "utf-8")
    times = {one.measured.name: one.times for one in found}
    timed = tuple(rung.model_copy(update={"here": times[rung.name]}) for rung in rungs)
    return facts.model_copy(update={"rungs": timed})


def _against_smaller(one: Scored, found: list[Scored]) -> dict[str, Comparison]:
    if one.measured.name == FULL:
        return {}
    smaller = [
        other for other in found if other.measured.name != FULL and is_smaller(other.measured, one.measured)
    ]
    return {other.measured.name: metrics.compare(one.searched, other.searched) for other in smaller}


def size_of(folder: Path, full: Path) -> int:
    """Return the bytes of an encoder: its model, and its tokenizer where that is not the full model's.

    Args:
        folder: holds the encoder.
        full: holds the full one, whose tokenizer's file the others share where it is theirs too.

    """
    own, shared = _tokenizer(folder), _tokenizer(full)
    same = files.sha256(own) == files.sha256(shared)
    return (folder / MODEL).stat().st_size + (0 if same else own.stat().st_size)


def _tokenizer(folder: Path) -> Path:
    return folder / EmbedderSpec.model_validate(files.read_json(folder / SPEC)).tokenizer.file


def _tried(job: Job) -> Iterator[Tried]:
    # The full one always: the others are measured against it, also where it is not to ship.
    for name in job.recipe.taught:
        done = job.inputs[f"student-{name}"]
        facts = job.facts(f"student-{name}", StudentFacts)
        yield Tried(name, facts.kind, done.folder, fusion_of_student(job.recipe, facts.fusion))
    yield Tried(FULL, FULL, job.inputs["quantize"].folder, Fusion.model_validate(job.settings["searched"]))


def _score(job: Job, split: Split, one: Tried) -> Scored:
    questions, refused = split.test, unanswerable(job.recipe, split.test)
    judged = {q.id: split.qrels[q.id] for q in questions}
    with open_shipped(job, one.folder, one.fusion, one.name, one.kind) as rag:
        done = score_shipped(rag, questions, judged, refused)
        overlap, _ = agreement(
            job.recipe, rag, job.inputs["reference"].folder, held_questions(job.recipe, split)
        )
        tokens = [len(rag.embedder.ids(rag.spec.prompts.ask(q.text))) for q in questions]
        lengths = rag.spec.lengths
        pairs = read_negations(file) if (file := job.recipe.data.negations) else []
        denied = negation(rag, pairs) if pairs else None
        times = time_answers(rag.encoder, one.folder, database_of(job), [q.text for q in questions])
    model = one.folder / MODEL
    measured = Measured(
        name=one.name,
        kind=one.kind,
        bytes=size_of(one.folder, job.inputs["quantize"].folder),
        mode=one.fusion.mode,
        dense_weight=one.fusion.dense_weight,
        modes={mode: metrics.means(row) for mode, row in done.scores.items()},
        overlap=overlap,
        abstention=abstention(runs.best(done.dense), done.apart) if refused else None,
        negation=denied,
        predicted=question_times(model, lengths, tokens),
    )
    return Scored(measured, done.scores, times)
