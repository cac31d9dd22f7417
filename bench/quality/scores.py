"""What is written down of one judged model.

Its run, its scores by question, and the facts that people read.
"""

from __future__ import annotations

from pathlib import Path

from pocketrag.formats import files
from pocketrag.formats.data.beir import Question
from pocketrag.formats.facts.evaluate import KEYS, BrokenDown, ComparedFacts
from pocketrag.pipeline.stage import Stage
from pocketrag.reference import metrics
from pocketrag.reference.metrics import Scores
from pocketrag.runtime.ranking import Run

SCORES = "scores.json"


def write_facts(
    out: Path,
    tag: str,
    run: Run,
    scores: Scores,
    questions: list[Question],
    reference: Scores | None,
    sample_of: int | None,
) -> ComparedFacts:
    """Write `run.trec` and `scores.json` to the folder `out`.

    Return the means, and the comparison with the base's scores.

    `sample_of` is the number of all questions, where only some were asked.
    """
    metrics.write_run(run, out / "run.trec", f"pocketrag-{tag}")
    (out / SCORES).write_text(files.to_json(scores), "utf-8")
    facts, sample = facts_of(scores, questions), {} if sample_of is None else {"sample_of": sample_of}
    if reference is None:
        return facts.into(ComparedFacts, **sample)
    against, differences = metrics.compare(scores, reference), metrics.differences(scores, reference)
    return facts.into(ComparedFacts, against_base=against, differences=differences, **sample)


def scores_in(done: Stage) -> Scores:
    """Return the scores by question that a stage wrote."""
    return dict(files.read_json(done.folder / SCORES))


def facts_of(scores: Scores, questions: list[Question]) -> BrokenDown:
    """Return the means of all measures, over all questions and by each key of the questions' metadata."""
    by = {f"by_{key}": metrics.breakdown(scores, questions, key) for key in KEYS}
    return metrics.means(scores).into(BrokenDown, **by)
