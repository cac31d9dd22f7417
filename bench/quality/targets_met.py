"""A recipe's projections, `[targets]`: met or not. They inform; the verdict decides."""

from __future__ import annotations

from collections.abc import Mapping

from pocketrag.formats.facts.evaluate import TargetFacts
from pocketrag.recipe.targets import HARD_CASES


def targets(wanted: Mapping[str, float], means: Mapping[str, float]) -> tuple[TargetFacts, ...]:
    """Return a row a target: its name, what is wanted, what was found, and whether it is met.

    Args:
        wanted: measure -> its least mean; or `hard_cases` -> the most questions without a judged passage
            among the first 5.
        means: `n` and the mean of every measure.

    """
    return tuple(_row(name, value, _found(name, means)) for name, value in wanted.items())


def _row(name: str, wanted: float, found: float) -> TargetFacts:
    met = found <= wanted if name == HARD_CASES else found >= wanted
    return TargetFacts(target=name, wanted=wanted, found=found, met=bool(met))


def _found(name: str, means: Mapping[str, float]) -> float:
    return float(round(means["n"] * (1 - means["hit@5"]))) if name == HARD_CASES else means[name]
