"""`pocketrag tune`: contrastive training of the base model."""

from __future__ import annotations

from importlib import import_module

from pocketrag.errors import InputError
from pocketrag.formats.facts.training import TuneFacts
from pocketrag.pipeline.project import Project
from pocketrag.pipeline.run import run
from pocketrag.pipeline.stage import facts_of


def tune(recipe: str, *, work: str = "work", base: str | None = None) -> TuneFacts:
    """Tune the base model on the mined triplets and keep what scored best on the development questions.

    Interrupted, it goes on from the last checkpoint when it is run again with the same inputs and settings.

    Args:
        recipe: the TOML file.
        work: where the stages lie.
        base: another base model than the recipe's: a folder or a hub id.

    Raises:
        InputError: `mine` has not run, `check` fails, or the recipe asks for no tuning.
        GateError: the best checkpoint could not be brought back.

    """
    project = Project.read(recipe, work=work, base=base)
    project.need_training("tune")
    if not project.tunes:
        raise InputError(f'{recipe}: `train.method` is "none", so there is nothing to tune.')
    import_module("pocketrag.training.check").refuse(project)
    done = run(project, "tune")
    return facts_of(done, TuneFacts).at(done.folder)
