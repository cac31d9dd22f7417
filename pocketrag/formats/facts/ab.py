"""`pocketrag ab`."""

from __future__ import annotations

from typing import Literal

from .base import Count, Facts, Interval, Number, Score

Measure = Literal["thumb", "opened", "opened_first"]
#: `ALIKE`: the interval lies within what matters. `TOO LITTLE`: neither that nor on one side of 0.
AbVerdict = Literal["WIN", "REGRESSION", "ALIKE", "TOO LITTLE"]


class AbMeasure(Facts):
    """One measure of two versions."""

    measure: Measure
    """`thumb`: of the answers with a thumb, the share that is up; `opened`: of all, the share with a passage
    opened; `opened_first`: the share where that was the first.
    """
    n_old: Count
    n_new: Count
    """Answers that were compared; of pairs the same as `n_old`."""
    paired: bool
    left_out: Count
    """Answers that found no pair."""
    old: Score
    new: Score
    difference: Number
    interval: Interval
    """95 %: Newcombe's, of Wilson's score intervals."""
    verdict: AbVerdict
    more_old: Count
    more_new: Count
    """Further answers of each version, by the shares seen so far, until there is another verdict; else 0."""


class AbFacts(Facts):
    """Two versions of a bundle, by what people did with their answers."""

    log: str
    old: str
    new: str
    matters: Score
    """The smallest difference that matters."""
    answers: dict[str, Count]
    """Version -> answers of the log that were shown."""
    encoders: dict[str, dict[str, Count]]
    """Version -> encoder -> its answers; `unknown` where the log does not say."""
    decides: Measure
    """The measure that the verdict is by: thumbs where both versions have some."""
    verdict: AbVerdict
    measures: tuple[AbMeasure, ...]
