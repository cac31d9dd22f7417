"""`pocketrag status`: what of a recipe is built, what would run again and why."""

from __future__ import annotations

from pathlib import Path

from pocketrag.formats.facts.status import StatusFacts
from pocketrag.pipeline.build_plan import status_of
from pocketrag.pipeline.project import Project


def status(
    recipe: str,
    *,
    out: str | None = None,
    base: str | None = None,
    mode: str | None = None,
    work: str = "work",
) -> StatusFacts:
    """Look at the stages of a build; nothing is made, and nothing fetched.

    Args:
        recipe: the TOML file.
        out: where the bundle lies; by default `android_assets/NAME`.
        base: another base model than the recipe's: a folder or a hub id.
        mode: another `[search] mode` than the recipe's.
        work: where the stages lie.

    Raises:
        InputError: the recipe or one of its files is missing or bad.

    """
    project = Project.read(recipe, work=work, base=base, mode=mode)
    return status_of(project, Path(out) if out else Path("android_assets", project.recipe.name))
