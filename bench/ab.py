"""`pocketrag ab`: two versions by an app's own feedback: better, worse, alike, or too little to tell."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Sequence
from pathlib import Path

from pocketrag.errors import InputError
from pocketrag.formats.data.feedback import Feedback, read_feedback
from pocketrag.formats.facts.ab import AbFacts, AbMeasure, AbVerdict, Measure

from .quality.proportions import Compared, needed, paired, unpaired

#: Measure -> what an answer counts; None where it says nothing. In the order in which they decide.
MEASURES: dict[Measure, Callable[[Feedback], bool | None]] = {
    "thumb": lambda row: None if row.thumb is None else row.thumb == "up",
    "opened": lambda row: row.opened is not None,
    "opened_first": lambda row: row.opened == 1,
}
#: Of an app that notes no opened passages nothing follows.
OF_OPENED: tuple[Measure, ...] = ("opened", "opened_first")
#: Answers are compared in pairs where at least so many of each version have one: fewer would be chosen ones.
IN_PAIRS = 0.5
#: An answer, and what it is paired by.
Values = list[tuple[str | None, bool]]


def ab(feedback: str, *, old: str | None, new: str | None, matters: float = 0.05) -> AbFacts:
    """Compare two versions by a log of answers.

    Args:
        feedback: the log, JSON lines (`pocketrag/formats/data/feedback.py`).
        old: the version that apps had.
        new: the one that is tried.
        matters: the smallest difference of shares that matters.

    Raises:
        InputError: a line is not an answer, a version is not in the log, or nothing in it can be compared.

    """
    if not old or not new or old == new:
        raise InputError("--old V and --new V: name two versions.")
    if not 0 < matters < 1:
        raise InputError(f"--matters {matters}: not a number between 0 and 1.")
    rows = _by_version(feedback, (old, new))
    before, after = rows[old], rows[new]
    measures = tuple(found for name in MEASURES if (found := _measured(name, before, after, matters)))
    if not measures:
        raise InputError(f"{feedback}: neither `thumb` nor `opened` in answers of both {old} and {new}.")
    return AbFacts(
        log=feedback,
        old=old,
        new=new,
        matters=matters,
        answers={version: len(found) for version, found in sorted(rows.items())},
        encoders={
            version: dict(sorted(Counter(row.encoder or "unknown" for row in rows[version]).items()))
            for version in (old, new)
        },
        decides=measures[0].measure,
        verdict=measures[0].verdict,
        measures=measures,
    )


def _by_version(log: str, wanted: Sequence[str]) -> dict[str, list[Feedback]]:
    rows: dict[str, list[Feedback]] = defaultdict(list)
    for row in read_feedback(Path(log)):
        if row.shown:
            rows[row.version].append(row)
    if unknown := [version for version in wanted if version not in rows]:
        there = ", ".join(f"{version} ({len(found)})" for version, found in sorted(rows.items())) or "none"
        raise InputError(f"{log}: no answer of version {unknown[0]} was shown; it has: {there}.")
    return rows


def _measured(
    name: Measure, before: Sequence[Feedback], after: Sequence[Feedback], matters: float
) -> AbMeasure | None:
    both = (*before, *after)
    if name in OF_OPENED and not any(row.opened for row in both):
        return None
    olds, news = _values(name, before), _values(name, after)
    if not olds or not news:
        return None
    pairs = _pairs(olds, news)
    in_pairs = len(pairs) >= IN_PAIRS * max(len(olds), len(news))
    old = [a for a, _ in pairs] if in_pairs else [value for _, value in olds]
    new = [b for _, b in pairs] if in_pairs else [value for _, value in news]
    found = (paired if in_pairs else unpaired)(old, new)
    verdict = _verdict(found, matters)
    more = (0, 0)
    if verdict == "TOO LITTLE":
        more = _more(needed(old, new, matters, pairs=in_pairs), len(old), len(new))
    return AbMeasure(
        measure=name,
        n_old=len(old),
        n_new=len(new),
        paired=in_pairs,
        left_out=len(olds) + len(news) - len(old) - len(new),
        old=round(found.old, 6),
        new=round(found.new, 6),
        difference=round(found.new - found.old, 6),
        interval=(round(found.low, 6), round(found.high, 6)),
        verdict=verdict,
        more_old=more[0],
        more_new=more[1],
    )


def _values(name: Measure, rows: Sequence[Feedback]) -> Values:
    found = ((row.question, MEASURES[name](row)) for row in rows)
    return [(question, value) for question, value in found if value is not None]


def _pairs(olds: Values, news: Values) -> list[tuple[bool, bool]]:
    """Pair answers to the same question in the order of the log: the first with the first, and so on."""
    waiting: dict[str, deque[bool]] = defaultdict(deque)
    for question, value in olds:
        if question is not None:
            waiting[question].append(value)
    return [
        (waiting[question].popleft(), value)
        for question, value in news
        if question is not None and waiting.get(question)
    ]


def _verdict(found: Compared, matters: float) -> AbVerdict:
    if found.low > 0:
        return "WIN"
    if found.high < 0:
        return "REGRESSION"
    return "ALIKE" if -matters <= found.low and found.high <= matters else "TOO LITTLE"


def _more(wanted: int, old: int, new: int) -> tuple[int, int]:
    # `wanted` is an approximation: where all are there and still do not tell, it was a little too low.
    if wanted <= min(old, new):
        wanted = max(old, new) + min(old, new) // 10 + 1
    return max(wanted - old, 0), max(wanted - new, 0)
