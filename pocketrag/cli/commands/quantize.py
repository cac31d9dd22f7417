"""`pocketrag quantize`: the float32 `.tflite` as int8, int4 or a mixture, and what that cost."""

from __future__ import annotations

from pocketrag.formats.facts.base import Source
from pocketrag.formats.facts.export import QuantizeFacts
from pocketrag.pipeline.project import Project
from pocketrag.pipeline.run import run
from pocketrag.pipeline.source import ships
from pocketrag.pipeline.stage import facts_of


def quantize(
    recipe: str, *, source: Source | None = None, work: str = "work", base: str | None = None
) -> QuantizeFacts:
    """Quantize the converted model as the recipe's `[export] quantization` says.

    Args:
        recipe: the TOML file.
        source: "tuned" or "base"; by default what the verdict says.
        work: where the stages lie.
        base: another base model than the recipe's: a folder or a hub id.

    Raises:
        InputError: `convert` has not run.
        GateError: a matrix is not stored as the quantization says, or the vectors are not unit vectors.

    """
    project = Project.read(recipe, work=work, base=base)
    source = source or ships(project)
    done = run(project, "quantize", source)
    return facts_of(done, QuantizeFacts).of(done.folder, source)
