"""A recipe's `[targets]`: which projections there are, and their form."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator

from pocketrag.formats.facts.measures import MEASURES

#: The target that is a count: the most questions of which no judged passage may be among the first 5.
HARD_CASES = "hard_cases"


def _checked(value: object) -> object:
    if not isinstance(value, dict):
        return value
    for name, wanted in value.items():
        _check(name, wanted)
    return {name: float(wanted) for name, wanted in value.items()}


def _check(name: str, wanted: object) -> None:
    if name not in (*MEASURES, HARD_CASES):
        raise ValueError(f"unknown target {name!r}; known are {', '.join((*MEASURES, HARD_CASES))}")
    if isinstance(wanted, bool) or not isinstance(wanted, int | float):
        raise ValueError(f"{name!r} must be a number")
    if name == HARD_CASES and not (isinstance(wanted, int) and wanted >= 0):
        raise ValueError(f"{name!r} must be a whole number of questions")
    if name != HARD_CASES and not 0 <= wanted <= 1:
        raise ValueError(f"{name!r} must be between 0 and 1")


#: A measure's least value by its name, or the most hard cases.
Targets = Annotated[dict[str, float], BeforeValidator(_checked)]
