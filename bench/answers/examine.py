"""Stage `exam`: every arm answers every question; what ships is held to the recipe's limits."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from pocketrag.console import progress
from pocketrag.formats import files
from pocketrag.formats.data.exam import ExamQuestion, read_exam
from pocketrag.formats.environment import processor
from pocketrag.formats.facts.ask import AnswerSource
from pocketrag.formats.facts.exam import ExamFacts, ExamLimits, PackedFacts
from pocketrag.formats.generator import GeneratorSpec, read_generator
from pocketrag.formats.layout import ANSWERS, MERGED
from pocketrag.pipeline.stage import Job
from pocketrag.recipe.generator import Generator as Settings
from pocketrag.runtime.embedder import cores
from pocketrag.runtime.generator.answering import Generator, answer
from pocketrag.runtime.rag import Rag, open_bundle

from ..timing.process import forget_peak, peak
from . import arms
from .arm_facts import ArmReplies, compared, facts_of, lost
from .asked_models import identity_of, open_float, open_packed
from .decision import checks_of, decided
from .remembered import Remembered
from .replies import Reply, grade, shown, written

#: Beside the stage's folder: what models wrote, kept for the next exam.
SHARDS = "exam-answers"


@dataclass
class Exam:
    """What the arms share."""

    questions: list[ExamQuestion]
    rag: Rag
    spec: GeneratorSpec
    language: str | None
    """Of the passages."""
    sources: list[tuple[AnswerSource, ...]] = field(default_factory=list)
    """By question: what the app's own search and budget put into the prompt."""
    search_seconds: list[float] = field(default_factory=list)
    arms: dict[str, ArmReplies] = field(default_factory=dict)

    def run(self, name: str, reply: Callable[[int, ExamQuestion], Reply]) -> None:
        """Let one arm answer all questions; `reply` is given a question's place too."""
        rows = list(enumerate(self.questions))
        replies = [reply(n, question) for n, question in progress(rows, f"{name:<20}")]
        graded = [grade(q, r, self.language) for q, r in zip(self.questions, replies, strict=True)]
        self.arms[name] = ArmReplies(self.questions, replies, graded, peak())


def examine(job: Job) -> ExamFacts:
    """Ask quotes, the packed model and the float ones, and say whether the packed one ships.

    What models write is kept beside the stage as it comes: interrupted, an exam goes on.

    Raises:
        InputError: the exam is bad, or bundle or generator can't be opened.
        ModuleNotFoundError: LiteRT-LM or transformers is not installed.

    """
    settings = job.project.need_generator("examine")
    assert settings.exam is not None  # noqa: S101 - the verb asks before
    questions = read_exam(settings.exam, {p.id for p in job.recipe.data.passages()}, settings.prompt.refusal)
    made = job.inputs["pack"].folder
    with open_bundle(job.inputs["bundle"].folder / job.recipe.name) as rag:
        exam = Exam(questions, rag, read_generator(made), job.recipe.search.language)
        _quote(exam)
        _ask_packed(exam, made, _shard(job, arms.PACKED))
        models = _models(job)
        for name, folder in models.items():
            _ask_float(exam, job, name, folder, packed=name == list(models)[-1])
    _write_answers(exam, job.out / ANSWERS)
    return _facts(exam, settings)


def _models(job: Job) -> dict[str, Path]:
    found = {arms.BASE: job.project.generator_base}
    tuned = job.inputs.get("instruct")
    return {**found, arms.TUNED: tuned.folder / MERGED} if tuned else found


def _quote(exam: Exam) -> None:
    forget_peak()
    exam.run(arms.QUOTES, lambda _, question: shown(answer(exam.rag, question.question, None), None))


def _ask_packed(exam: Exam, folder: Path, shard: Path) -> None:
    spec = exam.spec
    identity = identity_of("packed", spec.file.sha256, spec)
    forget_peak()
    engine = Remembered(shard, identity, lambda: open_packed(folder, spec, cores()))
    try:
        exam.run(arms.PACKED, lambda _, question: _as_app(exam, engine, question))
    finally:
        engine.close()
    engine.keep_used()
    for reply in exam.arms[arms.PACKED].replies:
        exam.sources.append(reply.sources)
        exam.search_seconds.append(reply.search_seconds or 0.0)


def _ask_float(exam: Exam, job: Job, name: str, folder: Path, *, packed: bool) -> None:
    spec = exam.spec
    identity = identity_of("float", job.project.language_model_digest(folder), spec)
    engine = Remembered(_shard(job, name), identity, lambda: open_float(folder, spec))
    try:
        for arm in arms.arms_of(name):
            exam.run(arm.name, lambda n, question, arm=arm: _as_arm(exam, engine, arm, n, question))  # type: ignore[misc]
        if packed:
            # Its prompts are those of the last arm, so nothing is generated again.
            exam.run(arms.FLOAT, lambda _, question: _as_app(exam, engine, question))
    finally:
        engine.close()
    engine.keep_used()


def _as_app(exam: Exam, engine: Remembered, question: ExamQuestion) -> Reply:
    engine.last = None
    generator = Generator(engine, exam.spec.prompt, exam.spec.budget)
    return shown(answer(exam.rag, question.question, generator), engine.last)


def _as_arm(exam: Exam, engine: Remembered, arm: arms.Arm, n: int, question: ExamQuestion) -> Reply:
    sources = exam.sources[n] if arm.passages else ()
    passages = [(one.title, one.text) for one in sources]
    said = engine.say(arm.messages(exam.spec.prompt, question.question, passages))
    seconds = exam.search_seconds[n] if arm.passages else None
    return written(said, exam.spec.prompt.refusal, sources, seconds)


def _facts(exam: Exam, settings: Settings) -> ExamFacts:
    limits = ExamLimits.model_validate(settings.limits.model_dump())
    model = arms.BASE if settings.method == "none" else arms.TUNED
    leader = arms.examined(model).name
    tuning = None
    if model == arms.TUNED:
        tuning = compared(exam.arms[leader], exam.arms[arms.examined(arms.BASE).name])
    packed = _packed(exam)
    checks = checks_of(packed, limits, tuning)
    ships, reason = decided(checks)
    without = sum(one.unanswerable for one in exam.questions)
    return ExamFacts(
        base=settings.name,
        method=settings.method,
        questions=len(exam.questions),
        answerable=len(exam.questions) - without,
        unanswerable=without,
        exam_sha256=files.sha256(settings.exam) if settings.exam else None,
        examined=leader,
        arms={name: facts_of(arm, exam.arms[leader]) for name, arm in exam.arms.items()},
        tuning=tuning,
        packed=packed,
        limits=limits,
        checks=checks,
        ships=ships,
        reason=reason,
    )


def _packed(exam: Exam) -> PackedFacts:
    arm = exam.arms[arms.PACKED]
    found = facts_of(arm, arm)
    return PackedFacts(
        file=exam.spec.file.sha256,
        accuracy=found.accuracy,
        quantization_loss=lost(exam.arms[arms.FLOAT], arm),
        seconds=arm.seconds,
        first_token_seconds=found.first_token_seconds,
        tokens_per_second=found.tokens_per_second,
        memory_megabytes=arm.memory,
        host=processor() or "this machine",
        written=len(arm.written),
        failed=found.failed,
        why=found.why,
    )


def _write_answers(exam: Exam, file: Path) -> None:
    """Write a line a question: what was asked for, and each arm's reply with its grade."""
    with file.open("w", encoding="utf-8") as stream:
        stream.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in _rows(exam))


def _rows(exam: Exam) -> Iterable[dict[str, object]]:
    for n, question in enumerate(exam.questions):
        asked = {
            "question": question.question,
            "category": question.category,
            "answers": list(question.answers),
            "passages": list(question.passages),
            "forbidden": question.forbidden,
            "found": [list(source.ids) for source in exam.sources[n]],
        }
        yield {**asked, "arms": {name: _row(arm, n) for name, arm in exam.arms.items()}}


def _row(arm: ArmReplies, n: int) -> dict[str, object]:
    reply, one = arm.replies[n], arm.grades[n]
    found: dict[str, object] = {
        "reply": reply.text,
        "right": one.right,
        "refused": one.refused,
        "injected": one.injected,
    }
    if reply.outcome is not None:
        found["outcome"] = reply.outcome
        found["generated"] = reply.said.text if reply.said else None
    if reply.said and reply.said.why is not None:
        found["why"] = reply.said.why
    return {**found, "f1": round(one.f1, 4)}


def _shard(job: Job, name: str) -> Path:
    return job.folder.parent / SHARDS / f"{name}.jsonl"
