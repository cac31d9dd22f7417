"""Which of the two models is worked on where nobody says."""

from __future__ import annotations

from pocketrag.errors import InputError
from pocketrag.formats.facts.base import Source
from pocketrag.formats.facts.evaluate import ChosenFacts

from .project import Project
from .run import find, folder_of
from .stage import StageRef, facts_of
from .verdict import objections


def ships(project: Project) -> Source:
    """Return "tuned" where the tuned model won, else "base".

    In float32 and, if that was judged already, as shipped.

    Raises:
        InputError: the tuned model was not judged yet.

    """
    if not project.tunes:
        return "base"
    if not project.recipe.data.has_questions:
        return _chosen(project)
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


def _chosen(project: Project) -> Source:
    if (done := find(project, "choose")) is None:
        folder = folder_of(project, StageRef("choose"))
        raise InputError(
            f"{folder}: nothing chose between tuned and base yet; run `{project.command('build')}`, or name "
            "a --source."
        )
    return facts_of(done, ChosenFacts).ships
