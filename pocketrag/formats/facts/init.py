"""`pocketrag init`: a recipe, and how to go on."""

from __future__ import annotations

from .base import Facts


class InitFacts(Facts):
    """A project that was begun."""

    recipe: str
    """The file."""
    written: tuple[str, ...]
    """Files and folders that are new."""
    chosen: dict[str, str]
    """What the recipe is for: name, passages, language, base, NPUs."""
    defaults: tuple[str, ...]
    """Those of `chosen` that nobody gave."""
    commands: tuple[str, ...]
    """What to run next, in order."""
