"""The guard: an evaluation set from another domain, on which the tuned model may not fall far behind."""

from __future__ import annotations

import numpy as np

from pocketrag.formats import files
from pocketrag.formats.data import beir
from pocketrag.formats.facts.evaluate import GuardFacts
from pocketrag.formats.facts.measures import GuardComparison
from pocketrag.pipeline.stage import Job, Stage, facts_of
from pocketrag.reference import metrics
from pocketrag.reference.float_vectors import PASSAGES, read_vectors

from .runs import embedded, rank_vectors
from .scores import SCORES


def guard(job: Job) -> GuardFacts:
    """Score the base or the tuned model on the guard's questions, float32, dense.

    Texts longer than the model takes are cut. A stage of its own: the base's scores outlive every change of
    tuning and questions. Where questions alone were tuned, the passages' vectors are the base's here too.
    """
    data = job.recipe.data
    assert data.guard_corpus and data.guard_queries and data.guard_qrels  # noqa: S101 - the table asks before
    passages, questions, judged = beir.read_judged(data.guard_corpus, data.guard_queries, data.guard_qrels)
    documents, base = None, job.inputs.get("guard-base")
    if base:
        documents = read_vectors(base.folder, PASSAGES)
    documents, asked = embedded(job.reference, job.prompts, questions, passages, documents)
    np.save(job.out / PASSAGES, documents)
    ranked, _ = rank_vectors(asked, documents, questions, passages, judged)
    scores = metrics.score(ranked, judged)
    (job.out / SCORES).write_text(files.to_json(scores), "utf-8")
    return metrics.means(scores).into(GuardFacts)


def compared(tuned: Stage, base: Stage) -> GuardComparison:
    """Compare both on the guard's questions: difference of nDCG@10 with its interval, and both means."""
    row = metrics.compare(files.read_json(tuned.folder / SCORES), files.read_json(base.folder / SCORES))
    return GuardComparison(
        measure=row.measure,
        n=row.n,
        difference=row.difference,
        interval=row.interval,
        better=row.better,
        worse=row.worse,
        base=facts_of(base, GuardFacts).ndcg_10,
        tuned=facts_of(tuned, GuardFacts).ndcg_10,
    )
