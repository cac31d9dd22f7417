"""`pocketrag trim`: the base embedder with the tokens that a recipe needs, before anything is tuned."""

from __future__ import annotations

from pocketrag.errors import InputError
from pocketrag.formats.facts.trim import TrimFacts
from pocketrag.pipeline.project import Project
from pocketrag.pipeline.run import run
from pocketrag.pipeline.stage import facts_of


def trim(recipe: str, *, work: str = "work", base: str | None = None) -> TrimFacts:
    """Write the base embedder with a vocabulary of `trim.tokens` rows.

    It tokenizes the recipe's own texts as before.

    Args:
        recipe: the TOML file.
        work: where the stages lie.
        base: another base model than the recipe's: a folder or a hub id.

    Raises:
        InputError: the recipe has no [trim], the family can't be trimmed, or the size or a language does not
            fit.
        GateError: the two tokenizers written disagree, or a text of the recipe is tokenized otherwise than
            before.

    """
    project = Project.read(recipe, work=work, base=base)
    if project.recipe.trim is None:
        raise InputError(f"{recipe}: has no [trim] table, so there is nothing to trim.")
    done = run(project, "trim")
    return facts_of(done, TrimFacts).at(done.folder)
