"""`pocketrag evaluate`: how well a target finds the judged passages, by the field's own measures.

A target is a recipe (base, tuned and shipped model side by side, with the verdict), an embedder folder or hub
id (in float32), or a bundle (its questions then go through LiteRT and SQLite, as on the phone); the tasks of
`mteb_tasks.py` are for embedders.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pocketrag.errors import InputError
from pocketrag.formats.data import beir
from pocketrag.formats.data.beir import Passage, Qrels, Question
from pocketrag.formats.embedder.embedder_folder import defaults_of, locate
from pocketrag.formats.facts.evaluate import AgainstFacts, EvaluateFacts, TargetEvaluation
from pocketrag.formats.layout import DATABASE
from pocketrag.formats.manifest import MANIFEST, read_manifest
from pocketrag.pipeline.project import Project
from pocketrag.reference import metrics
from pocketrag.reference.metrics import Scores
from pocketrag.runtime import ranking
from pocketrag.runtime.full_text import full_text
from pocketrag.runtime.rag import open_bundle
from pocketrag.runtime.ranking import Run
from pocketrag.sampling import spread

from .mteb_tasks import evaluate_tasks
from .quality import runs
from .quality.judge import judge
from .quality.scores import facts_of
from .quality.shipped import rag_run

#: Weight of the dense scores where the target brings none of its own (a bundle does).
DENSE_WEIGHT = 0.8


@dataclass(frozen=True)
class Asked:
    """What targets are judged on."""

    passages: list[Passage]
    questions: list[Question]
    judged: Qrels


def evaluate(
    target: str,
    *,
    corpus: str | None = None,
    queries: str | None = None,
    qrels: str | None = None,
    mode: str | None = None,
    run: str | None = None,
    max_queries: int | None = None,
    against: str | None = None,
    mteb: list[str] | None = None,
    work: str = "work",
    base: str | None = None,
) -> EvaluateFacts:
    """Score a target on judged questions.

    Args:
        target: a recipe, an embedder folder, a hub id or a bundle.
        corpus: passages, BEIR layout; with `queries` and `qrels` for any target but a recipe.
        queries: questions.
        qrels: judgements.
        mode: how to rank; by default what a bundle says, dense for an embedder.
        run: where to write the TREC run.
        max_queries: judge only so many questions, evenly spread over the file.
        against: another target (of a recipe: an embedder) that is judged on the same questions and compared,
            with intervals; it is ranked in the same mode, and asked by its own prompts.
        mteb: public tasks in place of files of one's own; `run` is a folder then.
        work: where a recipe's stages lie.
        base: another base for a recipe.

    Raises:
        InputError: a target or a file can't be read, or a bundle holds other passages than the corpus.

    """
    if max_queries is not None and max_queries < 2:
        raise InputError(f"--max-queries {max_queries}: must be at least 2; one question has no interval.")
    if mteb:
        beside = (corpus, queries, qrels, mode, max_queries, against)
        if target.endswith(".toml") or _is_bundle(target) or any(beside):
            raise InputError("--mteb takes an embedder folder or hub id, and beside it --run alone.")
        return evaluate_tasks(target, mteb, run)
    if target.endswith(".toml"):
        if corpus or queries or qrels or mode or run:
            raise InputError(
                "a recipe names its own files; --corpus, --queries, --qrels, --mode and --run are "
                "for other targets."
            )
        return judge(Project.read(target, work=work, base=base), max_queries, against)
    if not (corpus and queries and qrels):
        raise InputError(
            "evaluate needs --corpus, --queries and --qrels, unless the target is a recipe or --mteb names "
            "tasks."
        )
    asked, of = _asked(Path(corpus), Path(queries), Path(qrels), max_queries)
    what, ranked, scores = _scored(target, asked, mode)
    if run:
        metrics.write_run(ranked, Path(run), tag=f"pocketrag-{what['mode']}")
    sample = {"sample_of": of} if max_queries else {}
    compared = {"against": _against(against, asked, what["mode"], scores)} if against else {}
    return facts_of(scores, asked.questions).into(TargetEvaluation, **what, **sample, **compared)


def _is_bundle(target: str) -> bool:
    return (Path(target) / DATABASE).exists() or (Path(target) / MANIFEST).exists()


def _asked(corpus: Path, queries: Path, qrels: Path, max_queries: int | None) -> tuple[Asked, int]:
    passages, questions, judged = beir.read_judged(corpus, queries, qrels)
    chosen = spread(questions, max_queries) if max_queries else questions
    return Asked(passages, chosen, {q.id: judged[q.id] for q in chosen}), len(questions)


def _against(other: str, asked: Asked, mode: str, scores: Scores) -> AgainstFacts:
    what, _, theirs = _scored(other, asked, mode)
    compared, differences = metrics.compare(scores, theirs), metrics.differences(scores, theirs)
    return metrics.means(theirs).into(AgainstFacts, **what, compared=compared, differences=differences)


def _scored(target: str, asked: Asked, mode: str | None) -> tuple[dict[str, str], Run, Scores]:
    bundle = _is_bundle(target)
    mode = mode or (read_manifest(Path(target)).fusion.mode if bundle else "dense")
    run, similarity = (_bundle_run if bundle else _float_run)(target, asked, mode)
    scores = metrics.score(run, asked.judged)
    if similarity:
        scores[runs.SIMILARITY] = similarity
    return {"target": target, "kind": "bundle" if bundle else "embedder", "mode": mode}, run, scores


def _bundle_run(target: str, asked: Asked, mode: str) -> runs.Dense:
    with open_bundle(target) as rag:
        if other := {p.id for p in asked.passages} ^ set(rag.database.ids):
            raise InputError(
                f"{target}: bundle and corpus differ in {len(other)} passages, such as {min(other)!r}; "
                "give its own corpus."
            )
        if mode == "dense":
            return runs.rank_shipped(rag, asked.questions, asked.judged)
        return rag_run(rag, asked.questions, mode), {}


def _float_run(target: str, asked: Asked, mode: str) -> runs.Dense:
    lexical = full_text(asked.passages, asked.questions) if mode != "dense" else {}
    if mode == "bm25":
        return metrics.without_equal(lexical, asked.questions), {}
    found, similarity = _dense(target, asked)
    if mode == "dense":
        return found, similarity
    run = {q: ranking.fuse_scores(found[q], lexical[q], DENSE_WEIGHT)[: ranking.DEPTH] for q in found}
    return metrics.without_equal(run, asked.questions), {}


def _dense(target: str, asked: Asked) -> runs.Dense:
    folder = locate(target)
    return runs.rank_embedder(folder, defaults_of(folder), asked.questions, asked.passages, asked.judged)
