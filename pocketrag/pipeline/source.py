"""Which of the two models is worked on where nobody says."""

from __future__ import annotations

from pocketrag.errors import InputError
from pocketrag.formats.facts.base import Source

from .project import Project
from .run import find, folder_of
from .stage import StageRef
from .verdict import objections


def ships(project: Project) -> Source:
    """Return "tuned" where the tuned model won, else "base".

    In float32 and, if that was judged already, as shipped.

    Raises:
        InputError: the tuned model was not judged yet.

    """
    if not project.tunes:
        return "base"
    judged = find(project, "evaluate", "tuned")
    if judged is None:
        folder = folder_of(project, StageRef("evaluate", "tuned"))
        raise InputError(
            f"{folder}: no verdict yet; run `{project.command('evaluate')}`, or name a --source."
        )
    shipped = find(project, "evaluate-shipped", "tuned")
    return (
        "base"
        if any(objections(project.recipe, done.facts.as_json()) for done in (judged, shipped) if done)
        else "tuned"
    )
