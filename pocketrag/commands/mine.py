"""`pocketrag mine`: training triplets with hard negatives."""

from __future__ import annotations

from typing import Any

from pocketrag.errors import InputError
from pocketrag.pipeline.project import Project
from pocketrag.pipeline.run import run


def mine(recipe: str, *, work: str = "work", base: str | None = None) -> dict[str, Any]:
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
    if not project.tunes:
        raise InputError(f'{recipe}: `train.method` is "none", so there is nothing to mine for.')
    done = run(project, "mine")
    return {"folder": str(done.folder), **done.facts}
