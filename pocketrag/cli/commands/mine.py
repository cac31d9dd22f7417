"""`pocketrag mine`: training triplets with hard negatives."""

from __future__ import annotations

from pocketrag.errors import InputError
from pocketrag.formats.facts.training import MineFacts
from pocketrag.pipeline.project import Project
from pocketrag.pipeline.run import run
from pocketrag.pipeline.stage import facts_of


def mine(recipe: str, *, work: str = "work", base: str | None = None) -> MineFacts:
    """Mine hard negatives by the recipe's strategy.

    Args:
        recipe: the TOML file.
        work: where the stages lie.
        base: another base model than the recipe's: a folder or a hub id.

    Raises:
        InputError: bad files, fewer pairs than tuning needs, or the recipe asks for no tuning.
        GateError: a question that would train nearly equals one that judges.

    """
    project = Project.read(recipe, work=work, base=base)
    project.need_training("mine")
    if not project.tunes:
        raise InputError(f'{recipe}: `train.method` is "none", so there is nothing to mine for.')
    done = run(project, "mine")
    return facts_of(done, MineFacts).at(done.folder)
