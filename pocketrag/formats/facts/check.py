"""`pocketrag check`."""

from __future__ import annotations

from .base import Facts
from .outcome import CheckLine


class CheckFacts(Facts):
    """What can be known before anything runs."""

    recipe: str
    exit: int
    """0: nothing fails; 1: a line fails; 2: the data or the base are bad; 4: the base is not here,
    and the hub can't be asked."""
    checks: tuple[CheckLine, ...]
