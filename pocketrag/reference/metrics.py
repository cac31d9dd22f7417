"""Retrieval metrics by ir-measures (trec_eval's), intervals by SciPy, and the verdict on two systems."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import numpy as np

from pocketrag.formats import files
from pocketrag.formats.data.beir import Qrels, Question
from pocketrag.formats.facts.measures import (
    MEASURES,
    Comparison,
    Difference,
    Means,
    MeanWithInterval,
    VerdictWord,
)
from pocketrag.runtime.ranking import Ranked, Run

#: The measure that decides.
MAIN = "ndcg@10"
RESAMPLES, CONFIDENCE, SEED = 10_000, 0.95, 17
#: A loss beyond one point of nDCG@10 is a regression even where the interval still reaches 0.
TOLERATED = -0.01

#: Measure -> question id -> value in [0, 1].
Scores = dict[str, dict[str, float]]


def score(run: Run, qrels: Qrels) -> Scores:
    """Score every judged question; one that the run lacks counts 0."""
    import ir_measures

    names = {ir_measures.parse_measure(theirs): ours for ours, theirs in MEASURES.items()}
    scores: Scores = {ours: dict.fromkeys(qrels, 0.0) for ours in MEASURES}
    ranked = {question: dict(_distinct(run.get(question, []))) for question in qrels}
    for metric in ir_measures.iter_calc(list(names), qrels, ranked):
        scores[names[metric.measure]][metric.query_id] = float(metric.value)
    return scores


def without(run: Run, left_out: Mapping[str, Collection[str]]) -> Run:
    """Return a run without the passages that a question names: those that are the question itself."""
    return {
        question: [row for row in ranked if row[0] not in left_out.get(question, ())]
        for question, ranked in run.items()
    }


def without_equal(run: Run, questions: Sequence[Question]) -> Run:
    """Return a run without the passages that are the question itself, as ArguAna and Quora ask."""
    return without(run, {q.id: q.equal for q in questions if q.equal})


def means(scores: Scores, questions: Sequence[str] | None = None) -> Means:
    """Return `n` and the mean of every measure, over all questions or those given."""
    ids = list(scores[MAIN]) if questions is None else list(questions)
    found = {name: round(float(np.mean([row[q] for q in ids])), 6) for name, row in scores.items()}
    return Means.model_validate({"n": len(ids), **found})


def breakdown(scores: Scores, questions: Sequence[Question], key: str) -> dict[str, Means]:
    """Return the means by a metadata key of the questions, such as `difficulty`."""
    groups: dict[str, list[str]] = defaultdict(list)
    for question in questions:
        if key in question.metadata and question.id in scores[MAIN]:
            groups[str(question.metadata[key])].append(question.id)
    return {value: means(scores, ids) for value, ids in sorted(groups.items())}


def compare(candidate: Scores, reference: Scores, measure: str = MAIN) -> Comparison:
    """Compare two systems on the same questions: mean difference, 95 % interval by paired bootstrap, verdict.

    The interval is the percentile bootstrap of the mean of paired differences (Efron & Tibshirani 1993,
    chapter 13).
    """
    differences = np.array([candidate[measure][q] - reference[measure][q] for q in reference[measure]])
    low, high = _interval(differences)
    mean = float(differences.mean())
    return Comparison(
        measure=measure,
        n=len(differences),
        difference=round(mean, 6),
        interval=(round(low, 6), round(high, 6)),
        better=int((differences > 0).sum()),
        worse=int((differences < 0).sum()),
        verdict=verdict(mean, low, high),
    )


def differences(candidate: Scores, reference: Scores) -> dict[str, Difference]:
    """Return, for every measure that both have, the paired difference and its interval.

    Only `MAIN` has a verdict (`compare`).
    """
    rows = {measure: compare(candidate, reference, measure) for measure in candidate if measure in reference}
    return {
        measure: Difference(
            difference=row.difference, interval=row.interval, better=row.better, worse=row.worse
        )
        for measure, row in rows.items()
    }


def mean_with_interval(values: np.ndarray) -> MeanWithInterval:
    """Return mean, 95 % bootstrap interval and n of values float [n]."""
    low, high = _interval(values)
    return MeanWithInterval(
        mean=round(float(values.mean()), 6), interval=(round(low, 6), round(high, 6)), n=len(values)
    )


def verdict(mean: float, low: float, high: float) -> VerdictWord:
    """Return WIN, MARGINAL or REGRESSION for a mean difference and its interval."""
    if low > 0:
        return "WIN"
    return "REGRESSION" if high < 0 or mean < TOLERATED else "MARGINAL"


def write_run(run: Run, file: Path, tag: str) -> None:
    """Write a TREC run: `question Q0 passage rank score tag`, in the order that was scored."""
    lines = []
    for question, ranked in sorted(run.items()):
        for rank, (passage, value) in enumerate(_distinct(ranked), start=1):
            lines.append(f"{question} Q0 {passage} {rank} {value!r} {tag}\n")
    files.write_atomic(file, "".join(lines))


def _distinct(ranked: Ranked) -> Ranked:
    # trec_eval reads scores as 32-bit floats and breaks ties by id its own way: keep our order by making them
    # fall strictly.
    values: list[float] = []
    for _, value in ranked:
        single = np.float32(value)
        if values and single >= np.float32(values[-1]):
            single = np.nextafter(np.float32(values[-1]), np.float32(-np.inf))
        values.append(float(single))
    return [(id_, value) for (id_, _), value in zip(ranked, values, strict=True)]


def _interval(differences: np.ndarray) -> tuple[float, float]:
    from scipy.stats import bootstrap

    if len(differences) < 2:
        return -1.0, 1.0  # one question says nothing
    result = bootstrap(
        (differences,), np.mean, n_resamples=RESAMPLES, confidence_level=CONFIDENCE, method="percentile",
        rng=np.random.default_rng(SEED),
    )  # fmt: skip
    return float(result.confidence_interval.low), float(result.confidence_interval.high)
