"""Base, tuned and shipped model on the same test questions, and the verdict that decides what ships."""

from __future__ import annotations

from typing import Any

import numpy as np

from pocketrag.formats.bundle_encoder import Fusion
from pocketrag.formats.data.beir import Passage, Qrels, Question
from pocketrag.formats.embedder.embedder_folder import defaults_of, locate
from pocketrag.formats.facts.base import Facts, Source
from pocketrag.formats.facts.evaluate import JudgedFacts, OtherFacts, OtherStageFacts, RecipeEvaluation
from pocketrag.formats.facts.measures import SearchedComparison
from pocketrag.formats.prompts import Prompts
from pocketrag.pipeline.project import Project
from pocketrag.pipeline.run import exists, run
from pocketrag.pipeline.stage import Job, Stage, facts_of
from pocketrag.pipeline.verdict import objections
from pocketrag.reference import float_model, metrics
from pocketrag.reference.float_vectors import PASSAGES, read_vectors, shorten
from pocketrag.reference.metrics import Scores
from pocketrag.runtime.ranking import Run
from pocketrag.sampling import spread

from . import runs
from .abstention import abstention, unanswerable
from .agreement import agreement
from .chance import against_chance
from .guard import compared
from .scores import scores_in, write_facts
from .shipped import open_shipped, score_shipped
from .targets_met import targets

#: Widths at which the float model is judged as well, since every recipe may ask for one (EmbeddingGemma's
#: own).
MATRYOSHKA = (512, 256, 128)


def judge(project: Project, max_queries: int | None = None, against: str | None = None) -> RecipeEvaluation:
    """Score whatever the recipe has built so far, and say what may ship and why.

    Args:
        project: the recipe.
        max_queries: judge only so many test questions, spread over the file; that informs and decides
            nothing.
        against: another embedder's folder or hub id, judged on the same questions in float32.

    Raises:
        InputError: the recipe names no judged questions.

    """
    project.need_questions("evaluate")
    sources: tuple[Source, ...] = ("tuned", "base") if project.tunes else ("base",)
    stages = {"base": run(project, "evaluate", "base", max_queries)}
    if project.tunes and exists(project, "merge"):
        stages["tuned"] = run(project, "evaluate", "tuned", max_queries)
    for source in sources:
        if exists(project, "index", source):
            stages[f"shipped_{source}"] = run(project, "evaluate-shipped", source, max_queries)
    found: dict[str, Facts] = {
        name: decided(project, name.removeprefix("shipped_"), done) for name, done in stages.items()
    }
    if against:
        other = run(project, "evaluate-other", None, max_queries, against)
        for name, done in stages.items():
            found[name] = found[name].into(
                JudgedFacts, against_other=metrics.compare(scores_in(done), scores_in(other))
            )
        found["other"] = facts_of(other, OtherStageFacts).into(OtherFacts, embedder=against)
    return RecipeEvaluation.model_validate({"target": project.file, "kind": "recipe", **found})


def evaluate_float(job: Job) -> JudgedFacts:
    """Score the base or the tuned model in float32; the tuned one is compared with the base."""
    passages, questions, judged, of = _test(job)
    refused = [] if of else unanswerable(job.recipe, questions)
    model = float_model.load_float(job.reference)
    asked, unasked = (
        _encode(model, job.prompts, [q.text for q in questions]),
        _encode(model, job.prompts, refused),
    )
    documents = read_vectors(job.inputs["reference"].folder, PASSAGES)

    def ranked(dims: int | None) -> runs.Dense:
        return runs.rank_vectors(shorten(asked, dims), shorten(documents, dims), questions, passages, judged)

    found, scores = _scored(ranked(None), judged)
    base = job.inputs.get("evaluate-base")
    facts = write_facts(
        job.out, str(job.ref.source), found, scores, questions, scores_in(base) if base else None, of
    )
    fewer = [dims for dims in MATRYOSHKA if dims < asked.shape[1]]
    more: dict[str, object] = {
        "matryoshka": {str(dims): metrics.compare(_scored(ranked(dims), judged)[1], scores) for dims in fewer}
    }
    if "guard-tuned" in job.inputs:
        more["guard"] = compared(job.inputs["guard-tuned"], job.inputs["guard-base"])
    if refused:
        more["abstention"] = abstention(runs.best(found), (unasked @ documents.T).max(1).astype(float))
    return facts.into(JudgedFacts, **more)


def evaluate_shipped(job: Job) -> JudgedFacts:
    """Score what ships: quantized model, int8 vectors, SQLite, through the runtime.

    Compared with the base in float32.
    """
    passages, questions, judged, of = _test(job)
    refused = [] if of else unanswerable(job.recipe, questions)
    fusion = Fusion.model_validate(job.settings["searched"])
    with open_shipped(job, job.inputs["quantize"].folder, fusion) as rag:
        done = score_shipped(rag, questions, judged, refused)
        agreed = None if of else agreement(job.recipe, rag, job.inputs["reference"].folder)
    found, scores = done.dense, done.scores
    similar = scores["dense"]
    base_scores = scores_in(job.inputs["evaluate-base"])
    # Tuned or base is decided dense against dense: full text would lift a worse model over the base.
    facts = write_facts(job.out, "shipped", found, similar, questions, base_scores, of)
    more: dict[str, object] = {
        "as_searched": metrics.compare(scores[fusion.mode], base_scores).into(
            SearchedComparison, mode=fusion.mode
        ),
        "modes": {mode: metrics.means(row) for mode, row in scores.items()},
        "against_chance": against_chance(similar, judged, len(passages)),
        "hybrid_against_dense": metrics.compare(scores["hybrid"], scores["dense"]),
    }
    if refused:
        more["abstention"] = abstention(runs.best(found), done.apart)
    if agreed:
        more["agreement"], more["cosine_of_questions"] = agreed
    return facts.into(JudgedFacts, **more)


def evaluate_other(job: Job) -> OtherStageFacts:
    """Score another embedder in float32, asked by its own prompts.

    They are part of an embedder, as its weights are.
    """
    folder = locate(str(job.ref.other))
    passages, questions, judged, of = _test(job)
    found, scores = _scored(
        runs.rank_embedder(folder, defaults_of(folder), questions, passages, judged), judged
    )
    base = scores_in(job.inputs["evaluate-base"])
    return write_facts(job.out, "other", found, scores, questions, base, of).into(OtherStageFacts)


def decided(project: Project, source: str, done: Stage) -> JudgedFacts:
    """Add to a model's scores whether it meets the recipe's targets and, of the tuned one, whether it ships.

    Outside the stage: another limit or target reads the same measurements anew.
    """
    facts = facts_of(done, JudgedFacts)
    if facts.sample_of is not None:
        return facts
    wanted = project.recipe.targets
    searched = facts.modes[facts.as_searched.mode] if facts.modes and facts.as_searched else facts
    found = facts.into(JudgedFacts, targets=targets(wanted, searched.numbers())) if wanted else facts
    if source != "tuned":
        return found
    speaks_against = objections(project.recipe, facts.as_json())
    return found.into(JudgedFacts, ships="base" if speaks_against else "tuned", objections=speaks_against)


def _test(job: Job) -> tuple[list[Passage], list[Question], Qrels, int | None]:
    # The last is the number of all questions, where only a sample is asked.
    split, most = job.split(), job.ref.sample
    questions = spread(split.test, most) if most else split.test
    return (
        split.passages,
        questions,
        {q.id: split.qrels[q.id] for q in questions},
        len(split.test) if most else None,
    )


def _encode(model: Any, prompts: Prompts, questions: list[str]) -> np.ndarray:  # noqa: ANN401 - a SentenceTransformer
    return (
        float_model.encode(model, [prompts.ask(text) for text in questions])
        if questions
        else np.empty((0, 0), np.float32)
    )


def _scored(ranked: runs.Dense, judged: Qrels) -> tuple[Run, Scores]:
    found, similarity = ranked
    return found, {**metrics.score(found, judged), runs.SIMILARITY: similarity}
