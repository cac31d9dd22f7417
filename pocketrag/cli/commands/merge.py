"""`pocketrag merge`: base and adapter as one ordinary SentenceTransformer folder."""

from __future__ import annotations

from pocketrag.formats.facts.training import MergeFacts
from pocketrag.pipeline.project import Project
from pocketrag.pipeline.run import run
from pocketrag.pipeline.stage import facts_of


def merge(recipe: str, *, work: str = "work", base: str | None = None) -> MergeFacts:
    """Merge `merge.share` of the adapter into the base and write the tuned embedder.

    Args:
        recipe: the TOML file.
        work: where the stages lie.
        base: another base model than the recipe's: a folder or a hub id.

    Raises:
        InputError: `tune` has not run.
        GateError: the merged model does not agree with base + adapter.

    """
    project = Project.read(recipe, work=work, base=base)
    done = run(project, "merge")
    return facts_of(done, MergeFacts).at(done.folder)
