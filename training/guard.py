"""The guard: a second evaluation set, from another domain, on which the tuned model may not fall far behind the base."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pocketrag import beir, files, metrics, stage
from pocketrag.embedder import fingerprint
from pocketrag.recipe import Recipe
from pocketrag.stage import Stage
from pocketrag.work import Work, prompts_of, twin_of

from .dense import rank_embedder
from .facts import SCORES

WING = Path(__file__).parent


def guard(recipe: Recipe, rooms: Work, source: str, file: str) -> Stage | None:
    """Score the base or the tuned model on the guard's questions, float32, dense; None where the recipe has no guard.

    Texts longer than the model takes are cut. A stage of its own: the base's scores outlive every change of tuning and questions.
    """
    data = recipe.data
    if not (data.guard_corpus and data.guard_queries and data.guard_qrels):
        return None
    paths = (data.guard_corpus, data.guard_queries, data.guard_qrels)
    folder, prompts = twin_of(recipe, rooms, source, file), prompts_of(recipe)

    def make(out: Path) -> dict[str, Any]:
        passages, questions, judged = beir.read_judged(*paths)
        ranked, _ = rank_embedder(folder, prompts, questions, passages, judged)
        scores = metrics.score(ranked, judged)
        (out / SCORES).write_text(files.to_json(scores), "utf-8")
        return metrics.means(scores)

    keys = ("guard_corpus", "guard_queries", "guard_qrels")
    inputs = {"embedder": fingerprint(folder), **{key: files.sha256(path) for key, path in zip(keys, paths, strict=True)}}
    return stage.run(rooms.folder(f"guard-{source}"), WING, inputs, {"prompts": prompts.model_dump()}, make)


def compared(tuned: Stage, base: Stage) -> dict[str, Any]:
    """Compare both on the guard's questions: difference of nDCG@10 with its interval, and both means."""
    row = metrics.compare(files.read_json(tuned.folder / SCORES), files.read_json(base.folder / SCORES))
    return {
        **{k: v for k, v in row.items() if k != "verdict"},
        "base": base.facts[metrics.MAIN],
        "tuned": tuned.facts[metrics.MAIN],
    }
