"""`pocketrag convert`: an embedder folder as one float32 `embedder.tflite` with a signature a length."""

from __future__ import annotations

from pocketrag.formats.facts.base import Source
from pocketrag.formats.facts.export import ConvertFacts
from pocketrag.pipeline.project import Project
from pocketrag.pipeline.run import run
from pocketrag.pipeline.source import ships
from pocketrag.pipeline.stage import facts_of


def convert(
    recipe: str, *, source: Source | None = None, work: str = "work", base: str | None = None
) -> ConvertFacts:
    """Convert the tuned model (where its verdict allows) or the base model to LiteRT in float32.

    Args:
        recipe: the TOML file.
        source: "tuned" or "base"; by default what the verdict says.
        work: where the stages lie.
        base: another base model than the recipe's: a folder or a hub id.

    Raises:
        InputError: the family can't be exported, a weight is missing, or a length exceeds what the model
            takes.
        GateError: the `.tflite` does not compute what PyTorch computes, or tokens differ.

    """
    project = Project.read(recipe, work=work, base=base)
    source = source or ships(project)
    done = run(project, "convert", source)
    return facts_of(done, ConvertFacts).of(done.folder, source)
