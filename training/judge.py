"""Base, tuned and shipped model on the same test questions, and the verdict that decides what ships."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from pocketrag import files, floats, metrics, stage
from pocketrag.beir import Passage, Qrels, Question
from pocketrag.console import progress
from pocketrag.database import DATABASE
from pocketrag.decision import objections
from pocketrag.embedder import defaults_of, fingerprint, locate
from pocketrag.litert import EmbedderSpec
from pocketrag.manifest import Fusion
from pocketrag.metrics import Run, Scores
from pocketrag.prompts import Prompts
from pocketrag.recipe import Recipe, read_recipe
from pocketrag.runtime import Rag
from pocketrag.spread import spread
from pocketrag.twin import PASSAGES, read_vectors, shorten, twin_vectors
from pocketrag.work import Work, fusion_of, indexed, prompts_of, quantized, twin_of

from . import dense
from .abstention import abstention, unanswerable
from .agreement import agreement
from .facts import SCORES, write_facts
from .guard import compared, guard
from .mine import splits
from .targets import targets

WING = Path(__file__).parent
MODES = ("dense", "bm25", "hybrid")
#: Widths at which the float model is judged as well, since every recipe may ask for one (EmbeddingGemma's own).
MATRYOSHKA = (512, 256, 128)


def judge(
    recipe: str, *, work: str = "work", base: str | None = None, max_queries: int | None = None, against: str | None = None
) -> dict[str, Any]:
    """Score whatever the recipe has built so far, and say what may ship and why.

    Args:
        recipe: the TOML file.
        work: where the stages lie.
        base: another base than the recipe's.
        max_queries: judge only so many test questions, spread over the file; that informs and decides nothing.
        against: another embedder's folder or hub id, judged on the same questions in float32.

    """
    chosen = read_recipe(recipe, base)
    rooms = Work(work, chosen.name)
    common: dict[str, Any] = {"work": work, "base": base, "max_queries": max_queries}
    found = {"base": judge_float(recipe, "base", **common)}
    if chosen.train.method != "none" and rooms.has("merge"):
        found["tuned"] = judge_float(recipe, "tuned", **common)
    for source in ("tuned", "base") if chosen.train.method != "none" else ("base",):
        if rooms.has(f"index-{source}"):
            found[f"shipped_{source}"] = judge_shipped(recipe, source, **common)
    if against:
        other = _judge_other(chosen, rooms, recipe, against, max_queries)
        scores = {name: _read(_room(rooms, name.replace("_", "-"), max_queries)) for name in found}
        found = {name: {**row, "against_other": metrics.compare(scores[name], _read(other.folder))} for name, row in found.items()}
        found["other"] = {"embedder": against, **other.facts}
    return {"target": recipe, "kind": "recipe", **found}


def judge_float(
    recipe: str, source: str, *, work: str = "work", base: str | None = None, max_queries: int | None = None
) -> dict[str, Any]:
    """Score the base or the tuned model in float32; the tuned one is compared with the base."""
    chosen = read_recipe(recipe, base)
    rooms = Work(work, chosen.name)
    folder = twin_of(chosen, rooms, source, recipe)
    vectors = twin_vectors(chosen, rooms, source, recipe)
    inputs = {**chosen.judging_digests(), "embedder": fingerprint(folder), "twin": vectors.digest}
    guarded = None
    if source == "tuned":
        judge_float(recipe, "base", work=work, base=base, max_queries=max_queries)
        inputs["reference"] = _reference(rooms, recipe, max_queries).digest
        guarded = _guarded(chosen, rooms, recipe) if max_queries is None else None
        inputs |= {f"guard-{name}": done.digest for name, done in (guarded or {}).items()}
    prompts = prompts_of(chosen)

    def make(out: Path) -> dict[str, Any]:
        passages, questions, judged, sample = _test(chosen, max_queries)
        refused = [] if sample else unanswerable(chosen, questions)
        model = floats.load_float(folder)
        asked, unasked = _encode(model, prompts, [q.text for q in questions]), _encode(model, prompts, refused)
        documents = read_vectors(vectors, PASSAGES)

        def ranked(dims: int | None) -> dense.Dense:
            return dense.rank_vectors(shorten(asked, dims), shorten(documents, dims), questions, passages, judged)

        run, scores = _scored(ranked(None), judged)
        reference = _read(_room(rooms, "base", max_queries)) if source == "tuned" else None
        facts = {**sample, **write_facts(out, source, run, scores, questions, reference)}
        fewer = [dims for dims in MATRYOSHKA if dims < asked.shape[1]]
        facts["matryoshka"] = {str(dims): metrics.compare(_scored(ranked(dims), judged)[1], scores) for dims in fewer}
        if guarded:
            facts["guard"] = compared(guarded["tuned"], guarded["base"])
        if refused:
            facts["abstention"] = abstention(dense.best(run), (unasked @ documents.T).max(1).astype(float))
        return facts

    settings = {"prompts": prompts.model_dump(), "train": chosen.train.model_dump()}
    done = stage.run(_room(rooms, source, max_queries), WING, inputs, settings, make)
    return _decided(chosen, source, done.facts)


def judge_shipped(
    recipe: str,
    source: str,
    *,
    work: str = "work",
    base: str | None = None,
    mode: str | None = None,
    max_queries: int | None = None,
) -> dict[str, Any]:
    """Score what ships: quantized model, int8 vectors, SQLite, through the runtime; compared with the base in float32."""
    chosen = read_recipe(recipe, base, mode)
    rooms = Work(work, chosen.name)
    judge_float(recipe, "base", work=work, base=base, max_queries=max_queries)
    reference = _reference(rooms, recipe, max_queries)
    model = quantized(chosen, rooms, source, recipe)
    index = indexed(chosen, rooms, source, recipe)
    twin = twin_vectors(chosen, rooms, source, recipe)
    fusion = fusion_of(chosen, index)

    def make(out: Path) -> dict[str, Any]:
        _, questions, judged, sample = _test(chosen, max_queries)
        refused = [] if sample else unanswerable(chosen, questions)
        with _open(chosen, model.folder, index, fusion) as rag:
            run, similar = _scored(dense.rank_shipped(rag, questions, judged), judged)
            others = {mode: rag_run(rag, questions, mode) for mode in MODES if mode != "dense"}
            apart = np.array([rag.dense(text, 1)[0][1] for text in progress(refused, "Asking what has no answer")])
            agreed = {} if sample else agreement(chosen, rag, twin)
        scores = {"dense": similar, **{mode: metrics.score(other, judged) for mode, other in others.items()}}
        base_scores = _read(reference.folder)
        # Tuned or base is decided dense against dense: full text would lift a worse model over the base.
        facts = {**sample, **write_facts(out, "shipped", run, similar, questions, base_scores)}
        facts["as_searched"] = {"mode": fusion.mode, **metrics.compare(scores[fusion.mode], base_scores)}
        facts["modes"] = {mode: metrics.means(row) for mode, row in scores.items()}
        facts["hybrid_against_dense"] = metrics.compare(scores["hybrid"], scores["dense"])
        if refused:
            facts["abstention"] = abstention(dense.best(run), apart)
        return {**facts, **agreed}

    made_from = {"quantize": model.digest, "index": index.digest, "reference": reference.digest, "twin": twin.digest}
    inputs = {**made_from, **chosen.judging_digests()}
    settings = {"search": fusion.model_dump(exclude={"evidence"}), "train": chosen.train.model_dump()}
    done = stage.run(_room(rooms, f"shipped-{source}", max_queries), WING, inputs, settings, make)
    return _decided(chosen, source, done.facts)


def _judge_other(recipe: Recipe, rooms: Work, file: str, other: str, max_queries: int | None) -> stage.Stage:
    # Asked by its own prompts: they are part of an embedder, as its weights are.
    folder = locate(other)
    prompts = defaults_of(folder)
    reference = _reference(rooms, file, max_queries)
    inputs = {**recipe.judging_digests(), "embedder": fingerprint(folder), "reference": reference.digest}

    def make(out: Path) -> dict[str, Any]:
        passages, questions, judged, sample = _test(recipe, max_queries)
        run, scores = _scored(dense.rank_embedder(folder, prompts, questions, passages, judged), judged)
        return {**sample, **write_facts(out, "other", run, scores, questions, _read(reference.folder))}

    # `method` decides which questions are test questions.
    settings = {"train": recipe.train.model_dump()}
    return stage.run(_room(rooms, f"other-{inputs['embedder'][:12]}", max_queries), WING, inputs, settings, make)


def _test(recipe: Recipe, max_queries: int | None) -> tuple[list[Passage], list[Question], Qrels, dict[str, Any]]:
    passages, split, qrels = splits(recipe)
    questions = spread(split["test"], max_queries) if max_queries else split["test"]
    sample = {"sample_of": len(split["test"])} if max_queries else {}
    return passages, questions, {q.id: qrels[q.id] for q in questions}, sample


def _room(rooms: Work, what: str, max_queries: int | None) -> Path:
    # A sample lies beside the whole: what may ship is decided on all test questions.
    return rooms.folder(f"evaluate-{what}" + (f"-sample-{max_queries}" if max_queries else ""))


def _reference(rooms: Work, recipe: str, max_queries: int | None) -> stage.Stage:
    return stage.need(_room(rooms, "base", max_queries), "evaluate", recipe)


def _guarded(recipe: Recipe, rooms: Work, file: str) -> dict[str, stage.Stage] | None:
    found = {source: guard(recipe, rooms, source, file) for source in ("base", "tuned")}
    return {source: done for source, done in found.items() if done} or None


def _encode(model: Any, prompts: Prompts, questions: list[str]) -> np.ndarray:  # noqa: ANN401 - a SentenceTransformer
    return floats.encode(model, [prompts.ask(text) for text in questions]) if questions else np.empty((0, 0), np.float32)


def _scored(ranked: dense.Dense, judged: Qrels) -> tuple[Run, Scores]:
    run, similarity = ranked
    return run, {**metrics.score(run, judged), dense.SIMILARITY: similarity}


def rag_run(rag: Rag, questions: list[Question], mode: str) -> Run:
    """Rank every question through the runtime, as on the phone."""
    return {q.id: rag.rank(q.text, mode=mode) for q in progress(questions, f"Searching ({mode})")}  # type: ignore[arg-type]


def _open(recipe: Recipe, model: Path, index: stage.Stage, fusion: Fusion) -> Rag:
    spec = EmbedderSpec.model_validate(files.read_json(model / "embedder.json"))
    return Rag(model, spec, {recipe.name: (index.folder / DATABASE, index.facts["model_id"])}, fusion)


def _decided(recipe: Recipe, source: str, facts: dict[str, Any]) -> dict[str, Any]:
    # Outside the stage: another limit or target reads the same measurements anew.
    if "sample_of" in facts:
        return facts
    searched = facts["modes"][facts["as_searched"]["mode"]] if "modes" in facts else facts
    found = {**facts, "targets": targets(recipe.targets, searched)} if recipe.targets else facts
    if source != "tuned":
        return found
    speaks_against = objections(recipe, facts)
    return {**found, "ships": "base" if speaks_against else "tuned", "objections": speaks_against}


def _read(folder: Path) -> Scores:
    scores: Scores = files.read_json(folder / SCORES)
    return scores
