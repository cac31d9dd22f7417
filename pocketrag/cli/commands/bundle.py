"""`pocketrag bundle`: model, tokenizer, database and golden file as the folder that an app takes."""

from __future__ import annotations

from pocketrag.formats.facts.base import Source
from pocketrag.formats.facts.bundle import BundleFacts
from pocketrag.pipeline.project import Project
from pocketrag.pipeline.run import run
from pocketrag.pipeline.source import ships
from pocketrag.pipeline.stage import facts_of


def bundle(
    recipe: str,
    *,
    source: Source | None = None,
    work: str = "work",
    base: str | None = None,
    mode: str | None = None,
    accept_regression: bool = False,
) -> BundleFacts:
    """Pack a bundle in the work folder. It is not published: `build` does that, once every gate has passed.

    Args:
        recipe: the TOML file.
        source: "tuned" or "base"; by default what the verdict says.
        work: where the stages lie.
        base: another base model than the recipe's: a folder or a hub id.
        mode: another `[search] mode` than the recipe's.
        accept_regression: pack the tuned model whatever its verdict; the manifest then says where it
            regressed.

    Raises:
        InputError: `index` or `evaluate` has not run.
        GateError: the tuned model regressed and nobody accepted that.

    """
    project = Project.read(recipe, work=work, base=base, mode=mode, accept_regression=accept_regression)
    return bundle_of(project, source or ("tuned" if accept_regression and project.tunes else ships(project)))


def bundle_of(project: Project, source: Source) -> BundleFacts:
    """Pack a bundle of a source, and return its folder and what was packed."""
    done = run(project, "bundle", source)
    return facts_of(done, BundleFacts).of(done.folder / project.recipe.name, source)
