"""`pocketrag index`: the passages as `embeddings.npy` and `corpus.db`."""

from __future__ import annotations

from pocketrag.formats.facts.base import Source
from pocketrag.formats.facts.index import IndexFacts
from pocketrag.pipeline.project import Project
from pocketrag.pipeline.run import run
from pocketrag.pipeline.source import ships
from pocketrag.pipeline.stage import facts_of


def index(
    recipe: str, *, source: Source | None = None, work: str = "work", base: str | None = None
) -> IndexFacts:
    """Embed all passages, choose how vectors and full text are joined, and write the database.

    Args:
        recipe: the TOML file.
        source: "tuned" or "base"; by default what the verdict says.
        work: where the stages lie.
        base: another base model than the recipe's: a folder or a hub id.

    Raises:
        InputError: `quantize` has not run, or a passage is longer than the embedding model takes and the
            recipe says to fail.

    """
    project = Project.read(recipe, work=work, base=base)
    source = source or ships(project)
    done = run(project, "index", source)
    return facts_of(done, IndexFacts).of(done.folder, source)
