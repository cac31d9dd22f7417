"""Base, tuned and shipped model on the same test questions, and the verdict that decides what ships."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from pocketrag import beir, files, floats, metrics, ranking, stage
from pocketrag.beir import Passage, Question
from pocketrag.console import progress
from pocketrag.database import DATABASE
from pocketrag.embedder import fingerprint
from pocketrag.litert import EmbedderSpec
from pocketrag.manifest import Fusion
from pocketrag.metrics import Run, Scores
from pocketrag.recipe import Recipe, read_recipe
from pocketrag.runtime import Rag
from pocketrag.twin import PASSAGES, QUESTIONS, agreement_questions, read_vectors, shorten, twin_vectors
from pocketrag.work import Work, indexed, prompts_of, quantized, twin_of

from .mine import splits

WING = Path(__file__).parent
SCORES = "scores.json"
MODES = ("dense", "bm25", "hybrid")
#: Passages that agreement with the twin compares: what an app shows.
TOP = 10
#: Widths at which the float model is judged as well, since every recipe may ask for one (EmbeddingGemma's own).
MATRYOSHKA = (512, 256, 128)


def judge(recipe: str, *, work: str = "work", base: str | None = None) -> dict[str, Any]:
    """Score whatever the recipe has built so far, and say what may ship and why."""
    chosen = read_recipe(recipe, base)
    rooms = Work(work, chosen.name)
    facts: dict[str, Any] = {"target": recipe, "kind": "recipe", "base": judge_float(recipe, "base", work=work, base=base)}
    if rooms.has("merge"):
        facts["tuned"] = judge_float(recipe, "tuned", work=work, base=base)
    for source in ("tuned", "base"):
        if rooms.has(f"index-{source}"):
            facts[f"shipped_{source}"] = judge_shipped(recipe, source, work=work, base=base)
    return facts


def judge_float(recipe: str, source: str, *, work: str = "work", base: str | None = None) -> dict[str, Any]:
    """Score the base or the tuned model in float32; the tuned one is compared with the base."""
    chosen = read_recipe(recipe, base)
    rooms = Work(work, chosen.name)
    folder = twin_of(chosen, rooms, source, recipe)
    vectors = twin_vectors(chosen, rooms, source, recipe)
    inputs = {**chosen.data_digests(), "embedder": fingerprint(folder), "twin": vectors.digest}
    if source == "tuned":
        judge_float(recipe, "base", work=work, base=base)
        inputs["reference"] = stage.need(rooms.folder("evaluate-base"), "evaluate", recipe).digest
    prompts = prompts_of(chosen)

    def make(out: Path) -> dict[str, Any]:
        passages, split, qrels = splits(chosen)
        judged = {q.id: qrels[q.id] for q in split["test"]}
        asked = floats.encode(floats.load_float(folder), [prompts.ask(q.text) for q in split["test"]])
        ranked = partial(_ranked, passages, split["test"], read_vectors(vectors, PASSAGES), asked)
        run = ranked(None)
        reference = _read(rooms.folder("evaluate-base")) if source == "tuned" else None
        scores = metrics.score(run, judged)
        facts = _facts(out, source, run, scores, split["test"], reference)
        fewer = [dims for dims in MATRYOSHKA if dims < asked.shape[1]]
        facts["matryoshka"] = {str(dims): metrics.compare(metrics.score(ranked(dims), judged), scores) for dims in fewer}
        return facts

    settings = {"prompts": prompts.model_dump(), "train": chosen.train.model_dump()}
    done = stage.run(rooms.folder(f"evaluate-{source}"), WING, inputs, settings, make)
    return _decided(chosen, source, done.facts)


def judge_shipped(
    recipe: str, source: str, *, work: str = "work", base: str | None = None, mode: str | None = None
) -> dict[str, Any]:
    """Score what ships: quantized model, int8 vectors, SQLite, through the runtime; compared with the base in float32."""
    chosen = read_recipe(recipe, base, mode)
    rooms = Work(work, chosen.name)
    judge_float(recipe, "base", work=work, base=base)
    reference = stage.need(rooms.folder("evaluate-base"), "evaluate", recipe)
    model = quantized(chosen, rooms, source, recipe)
    index = indexed(chosen, rooms, source, recipe)
    twin = twin_vectors(chosen, rooms, source, recipe)

    def make(out: Path) -> dict[str, Any]:
        _, split, qrels = splits(chosen)
        judged = {q.id: qrels[q.id] for q in split["test"]}
        with _open(chosen, model.folder, index) as rag:
            runs = {mode: rag_run(rag, split["test"], mode) for mode in MODES}
            agreement, cosines = _agreement(chosen, rag, twin)
        scores = {mode: metrics.score(run, judged) for mode, run in runs.items()}
        base_scores = _read(reference.folder)
        # Tuned or base is decided dense against dense: full text would lift a worse model over the base.
        facts = _facts(out, "shipped", runs["dense"], scores["dense"], split["test"], base_scores)
        facts["as_searched"] = {"mode": chosen.search.mode, **metrics.compare(scores[chosen.search.mode], base_scores)}
        facts["modes"] = {mode: metrics.means(row) for mode, row in scores.items()}
        facts["hybrid_against_dense"] = metrics.compare(scores["hybrid"], scores["dense"])
        return {**facts, "agreement": agreement, "cosine_of_questions": cosines}

    made_from = {"quantize": model.digest, "index": index.digest, "reference": reference.digest, "twin": twin.digest}
    inputs = {**made_from, **chosen.data_digests()}
    settings = {"search": chosen.search.model_dump(), "train": chosen.train.model_dump()}
    done = stage.run(rooms.folder(f"evaluate-shipped-{source}"), WING, inputs, settings, make)
    return _decided(chosen, source, done.facts)


def _ranked(passages: list[Passage], questions: list[Question], documents: np.ndarray, asked: np.ndarray, dims: int | None) -> Run:
    names, ids = [q.id for q in questions], [p.id for p in passages]
    return ranking.dense_float_all(shorten(asked, dims), names, ids, shorten(documents, dims))


def rag_run(rag: Rag, questions: list[Question], mode: str) -> Run:
    """Rank every question through the runtime, as on the phone."""
    return {q.id: rag.rank(q.text, mode=mode) for q in progress(questions, f"Searching ({mode})")}  # type: ignore[arg-type]


def _open(recipe: Recipe, model: Path, index: stage.Stage) -> Rag:
    spec = EmbedderSpec.model_validate(files.read_json(model / "embedder.json"))
    fusion = Fusion(mode=recipe.search.mode, dense_weight=recipe.search.dense_weight)
    return Rag(model, spec, index.folder / DATABASE, fusion, index.facts["model_id"])


def _agreement(recipe: Recipe, rag: Rag, twin: stage.Stage) -> tuple[dict[str, Any], dict[str, float]]:
    # No labels: does the shipped model find what the float twin finds? The twin ranks with all its dims, in float32.
    ids = [p.id for p in beir.read_corpus(recipe.data.corpus)]
    passages, asked = read_vectors(twin, PASSAGES), read_vectors(twin, QUESTIONS)
    vectors = np.array([rag.embed(text) for text in progress(agreement_questions(recipe), "Comparing with the float twin")])
    wanted = ({id_ for id_, _ in ranking.dense_float(vector, ids, passages, TOP)} for vector in asked)
    found = ({id_ for id_, _ in rag.nearest(vector, TOP)} for vector in vectors)
    shares = np.array([len(theirs & ours) / len(theirs) for theirs, ours in zip(wanted, found, strict=True)])
    cosines = (shorten(asked, vectors.shape[1]) * vectors).sum(1)
    least = {"mean": round(float(cosines.mean()), 6), "least": round(float(cosines.min()), 6)}
    return {"top": TOP, **metrics.mean_with_interval(shares)}, least


def _facts(out: Path, tag: str, run: Run, scores: Scores, questions: list[Question], reference: Scores | None) -> dict[str, Any]:
    metrics.write_run(run, out / "run.trec", f"pocketrag-{tag}")
    (out / SCORES).write_text(files.to_json(scores), "utf-8")
    facts: dict[str, Any] = metrics.means(scores)
    for key in ("difficulty", "category"):
        facts[f"by_{key}"] = metrics.breakdown(scores, questions, key)
    if reference is not None:
        facts["against_base"] = metrics.compare(scores, reference)
    return facts


def _decided(recipe: Recipe, source: str, facts: dict[str, Any]) -> dict[str, Any]:
    if source != "tuned":
        return facts
    verdict = facts["against_base"]["verdict"]
    accepted = verdict == "WIN" or (verdict == "MARGINAL" and recipe.train.accept == "marginal")
    return {**facts, "ships": "tuned" if accepted else "base"}


def _read(folder: Path) -> Scores:
    return files.read_json(folder / SCORES)
