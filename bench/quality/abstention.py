"""When to say "I don't know".

The best dense score of answerable and unanswerable questions, a threshold, and what it costs.
"""

from __future__ import annotations

import math

import numpy as np

from pocketrag.errors import InputError
from pocketrag.formats.data import beir
from pocketrag.formats.data.beir import Question
from pocketrag.formats.facts.measures import Abstention, Scored, Share
from pocketrag.recipe.recipe import Recipe
from pocketrag.reference.metrics import CONFIDENCE, RESAMPLES, SEED

from .proportions import wilson

#: Share of the answerable questions that the threshold may turn away: one in twenty is what a user forgives.
RATE = 0.05
#: Fewer questions on either side: one of them is more than the rate.
LEAST = 20
FOLDS = 5
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def unanswerable(recipe: Recipe, answerable: list[Question]) -> list[str]:
    """Return the recipe's unanswerable questions; empty where it names none.

    Raises:
        InputError: there are too few on either side to say anything, or one is judged answerable.

    """
    file = recipe.data.unanswerable
    if file is None:
        return []
    texts = beir.read_unanswerable(file)
    if min(len(texts), len(answerable)) < LEAST:
        raise InputError(
            f"{file}: {len(texts)} unanswerable and {len(answerable)} judged questions; abstention "
            f"needs {LEAST} of each. Add questions, or remove `data.unanswerable`."
        )
    judged = {beir.normalized(q.text): q.id for q in answerable}
    if same := [text for text in texts if beir.normalized(text) in judged]:
        raise InputError(
            f"{file}: {same[0]!r} is also the judged question "
            f"{judged[beir.normalized(same[0])]!r}; remove one."
        )
    return texts


def abstention(answerable: np.ndarray, unanswerable: np.ndarray) -> Abstention:
    """Choose a threshold on the best scores of answerable questions [n]; report what it costs and catches.

    The threshold turns away at most `RATE` of the answerable questions. The unanswerable ones [m] have no
    part in it, so the share that it catches is not a selected figure; the share wrongly turned away is
    measured on questions left out, in `FOLDS` folds.
    """
    threshold = choose(answerable)
    wrong, caught = left_out(answerable), int((unanswerable < threshold).sum())
    value, interval = auroc(answerable, unanswerable)
    return Abstention(
        score="dense",
        threshold=threshold,
        rate=RATE,
        false_abstention=_share(wrong, len(answerable)),
        caught=_share(caught, len(unanswerable)),
        auroc=value,
        auroc_interval=interval,
        answerable=_scored(answerable),
        unanswerable=_scored(unanswerable),
    )


def choose(answerable: np.ndarray) -> float:
    """Return the highest score with at most `RATE` of the scores [n] below it, rounded down to 6 digits."""
    return math.floor(float(np.quantile(answerable, RATE, method="lower")) * 1e6) / 1e6


def left_out(answerable: np.ndarray) -> int:
    """Return how many of the scores [n] lie below the threshold of the folds that they are not in.

    Every `FOLDS`-th is a fold.
    """
    fold = np.arange(len(answerable)) % FOLDS
    return sum(int((answerable[fold == k] < choose(answerable[fold != k])).sum()) for k in range(FOLDS))


def auroc(answerable: np.ndarray, unanswerable: np.ndarray) -> tuple[float, tuple[float, float]]:
    """Return the chance that an answerable score is above an unanswerable one, with its 95 % interval.

    Ties count half; the interval is a bootstrap's.

    It is Mann and Whitney's U over n times m (Hanley & McNeil 1982).
    """
    from scipy.stats import bootstrap, mannwhitneyu

    def area(left: np.ndarray, right: np.ndarray, axis: int = -1) -> np.ndarray:
        u = mannwhitneyu(left, right, axis=axis, method="asymptotic").statistic
        return np.asarray(u / (left.shape[axis] * right.shape[axis]))

    found = bootstrap(
        (answerable, unanswerable),
        area,
        n_resamples=RESAMPLES,
        confidence_level=CONFIDENCE,
        method="percentile",
        batch=500,
        vectorized=True,
        rng=np.random.default_rng(SEED),
    ).confidence_interval
    return round(float(area(answerable, unanswerable)), 6), (
        round(float(found.low), 6),
        round(float(found.high), 6),
    )


def _share(count: int, n: int) -> Share:
    low, high = wilson(count, n)
    return Share(share=round(count / n, 6), interval=(round(low, 6), round(high, 6)), n=n)


def _scored(scores: np.ndarray) -> Scored:
    return Scored(
        n=len(scores), quantiles={str(q): round(float(np.quantile(scores, q)), 6) for q in QUANTILES}
    )
