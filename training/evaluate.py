"""`pocketrag evaluate`: how well a target finds the judged passages, by the field's own measures.

A target is a recipe (base, tuned and shipped model side by side, with the verdict), an embedder folder or hub id (in float32),
or a bundle (its questions then go through LiteRT and SQLite, as on the phone).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pocketrag import beir, metrics, ranking
from pocketrag.beir import Passage, Question
from pocketrag.database import DATABASE
from pocketrag.embedder import defaults_of, locate
from pocketrag.errors import InputError
from pocketrag.lexical import full_text
from pocketrag.manifest import MANIFEST, read_manifest
from pocketrag.metrics import Run
from pocketrag.prompts import Prompts
from pocketrag.runtime import open_bundle

from .judge import judge, rag_run

#: Weight of the dense scores where the target brings none of its own (a bundle does).
DENSE_WEIGHT = 0.8


def evaluate(
    target: str,
    *,
    corpus: str | None = None,
    queries: str | None = None,
    qrels: str | None = None,
    mode: str | None = None,
    run: str | None = None,
    work: str = "work",
    base: str | None = None,
) -> dict[str, Any]:
    """Score a target on judged questions.

    Raises:
        InputError: the target or a file can't be read, or a bundle holds other passages than the corpus.

    """
    if target.endswith(".toml"):
        if corpus or queries or qrels or mode or run:
            raise InputError("a recipe names its own files; --corpus, --queries, --qrels, --mode and --run are for other targets.")
        return judge(target, work=work, base=base)
    if not (corpus and queries and qrels):
        raise InputError("evaluate needs --corpus, --queries and --qrels, unless the target is a recipe.")
    passages, questions, judged = beir.read_judged(Path(corpus), Path(queries), Path(qrels))
    bundle = (Path(target) / DATABASE).exists() or (Path(target) / MANIFEST).exists()
    mode = mode or (read_manifest(Path(target)).fusion.mode if bundle else "dense")
    ranked = _bundle_run(target, passages, questions, mode) if bundle else _float_run(target, passages, questions, mode)
    if run:
        metrics.write_run(ranked, Path(run), tag=f"pocketrag-{mode}")
    scores = metrics.score(ranked, judged)
    return {
        "target": target,
        "kind": "bundle" if bundle else "embedder",
        "mode": mode,
        **metrics.means(scores),
        "by_difficulty": metrics.breakdown(scores, questions, "difficulty"),
        "by_category": metrics.breakdown(scores, questions, "category"),
    }


def _bundle_run(target: str, passages: list[Passage], questions: list[Question], mode: str) -> Run:
    with open_bundle(target) as rag:
        if other := {p.id for p in passages} ^ set(rag.database.ids):
            raise InputError(
                f"{target}: bundle and corpus differ in {len(other)} passages, such as {min(other)!r}; give its own corpus."
            )
        return rag_run(rag, questions, mode)


def _float_run(target: str, passages: list[Passage], questions: list[Question], mode: str) -> Run:
    lexical = full_text(passages, questions) if mode != "dense" else {}
    if mode == "bm25":
        return lexical
    dense = _dense(target, passages, questions)
    if mode == "dense":
        return dense
    return {q: ranking.fuse(dense[q], lexical[q], DENSE_WEIGHT)[: ranking.DEPTH] for q in dense}


def _dense(target: str, passages: list[Passage], questions: list[Question]) -> Run:
    from pocketrag import floats

    folder = locate(target)
    prompts: Prompts = defaults_of(folder)
    return floats.rank(floats.load_float(folder), prompts, passages, questions)
