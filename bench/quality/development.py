"""Base against tuned on the development questions, where a model wrote them and none of people's judge.

It chooses which of both is built, and judges nothing: training stopped where these very questions were
answered best, and search had to bring their passages back before they were kept.
"""

from __future__ import annotations

from pathlib import Path

from pocketrag.formats.facts.evaluate import ChosenFacts
from pocketrag.formats.split import Split
from pocketrag.pipeline.stage import Job
from pocketrag.pipeline.verdict import ACCEPTED
from pocketrag.reference import metrics
from pocketrag.reference.float_vectors import PASSAGES, read_vectors
from pocketrag.reference.metrics import Scores

from . import runs


def choose(job: Job) -> ChosenFacts:
    """Compare both models in float32, dense, among all passages; nDCG@10 decides as it does elsewhere."""
    split = job.split()
    base = _scores(job, split, job.project.base, "reference-base")
    tuned = _scores(job, split, job.inputs["merge"].folder, "reference-tuned")
    found = metrics.compare(tuned, base)
    return ChosenFacts(
        base=metrics.means(base),
        tuned=metrics.means(tuned),
        compared=found,
        ships="tuned" if found.verdict in ACCEPTED[job.recipe.train.accept] else "base",
    )


def _scores(job: Job, split: Split, folder: Path, reference: str) -> Scores:
    judged = {q.id: split.qrels[q.id] for q in split.dev}
    documents = read_vectors(job.inputs[reference].folder, PASSAGES)
    documents, asked = runs.embedded(folder, job.prompts, split.dev, split.passages, documents)
    ranked, similarity = runs.rank_vectors(asked, documents, split.dev, split.passages, judged)
    return {**metrics.score(ranked, judged), runs.SIMILARITY: similarity}
