"""What is written down of one judged model: its run, its scores by question, and the facts that people read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pocketrag import files, metrics
from pocketrag.beir import Question
from pocketrag.metrics import Run, Scores

SCORES = "scores.json"


def write_facts(
    out: Path, tag: str, run: Run, scores: Scores, questions: list[Question], reference: Scores | None
) -> dict[str, Any]:
    """Write `run.trec` and `scores.json` to the folder `out`; return the means, and the comparison with the base's scores."""
    metrics.write_run(run, out / "run.trec", f"pocketrag-{tag}")
    (out / SCORES).write_text(files.to_json(scores), "utf-8")
    facts = facts_of(scores, questions)
    if reference is not None:
        facts["against_base"] = metrics.compare(scores, reference)
        facts["differences"] = metrics.differences(scores, reference)
    return facts


def facts_of(scores: Scores, questions: list[Question]) -> dict[str, Any]:
    """Return the means of all measures, over all questions and by each of `metrics.KEYS`."""
    return {**metrics.means(scores), **{f"by_{key}": metrics.breakdown(scores, questions, key) for key in metrics.KEYS}}
