"""`pocketrag exam`: answers with and without tuning, prompt and passages; whether what is packed ships."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path

from pocketrag.console import status
from pocketrag.errors import InputError
from pocketrag.formats.bundle_report import manifest_sha256, record
from pocketrag.formats.facts.base import Source
from pocketrag.formats.facts.exam import ExamFacts
from pocketrag.formats.generator import SPEC, SUFFIX, claim
from pocketrag.formats.generator.publish import publish
from pocketrag.formats.layout import ANSWERS
from pocketrag.formats.manifest import MANIFEST
from pocketrag.pipeline.project import Project
from pocketrag.pipeline.run import need, run
from pocketrag.pipeline.source import ships
from pocketrag.pipeline.stage import facts_of
from pocketrag.pipeline.tier_verdict import publish_tiers


def exam(
    recipe: str,
    *,
    source: Source | None = None,
    judge: str | None = None,
    judge_model: str | None = None,
    out: str | None = None,
    work: str = "work",
    base: str | None = None,
    mode: str | None = None,
) -> ExamFacts:
    """Examine the recipe's generator, and let the published one carry the result.

    Interrupted, it goes on where it was: what models wrote is kept as it comes.

    Args:
        recipe: the TOML file.
        source: which bundle to ask, "tuned" or "base"; by default what the verdict says.
        judge: the address of an OpenAI-compatible endpoint whose model judges the answers too.
        judge_model: that model's name there.
        out: the published generator; by default `android_assets/NAME.generator`.
        work: where the stages lie.
        base: another base model of the bundle than the recipe's: a folder or a hub id.
        mode: another `[search] mode` than the recipe's.

    Raises:
        InputError: the recipe has no [generator] or no exam, `bundle`, `pack` or `instruct` has not run, a
            dialogue asks what the exam asks, or the judge can't be asked.

    """
    project = Project.read(recipe, work=work, base=base, mode=mode)
    generator = project.need_generator("examine")
    if generator.exam is None:
        raise InputError(
            f"{recipe}: nothing to examine: no `generator.exam`. Without an exam no generator ships "
            "(docs/generator.md)."
        )
    judging = import_module("pocketrag.bench.answers.judge_model").endpoint(judge, judge_model)
    if generator.data is not None:  # a base that others tuned, too
        import_module("pocketrag.training.generator.lesson_of_dialogues").read_for(
            generator, project.recipe.data.passages()
        )
    # Links stay as they are.
    target = Path(os.path.abspath(out)) if out else Path("android_assets", project.recipe.name + SUFFIX)  # noqa: PTH100
    claim(target)
    chosen = source or ships(project)
    done = run(project, "exam", chosen)
    found = facts_of(done, ExamFacts).at(done.folder)
    if (target / SPEC).is_file():
        publish(need(project, "pack").folder, target, found.proof)
        if target.name == project.recipe.name + SUFFIX:  # elsewhere no app looks for it
            publish_tiers(project.recipe, generator, found, target.parent)
        _tell(project, found, done.folder, chosen, target)
    else:
        status(f"{target}: not there, so no published generator carries the exam (`pocketrag pack`)")
    if judging is None:
        return found
    judged = import_module("pocketrag.bench.answers.judge_model").judged
    return found.model_copy(update={"judge": judged(judging, done.folder / ANSWERS, project.folder)})


def _tell(project: Project, found: ExamFacts, examined: Path, source: Source, target: Path) -> None:
    # The report beside the bundle that was asked: of another one it would say what nobody measured.
    beside = target.with_name(project.recipe.name)
    asked = need(project, "bundle", source).folder / project.recipe.name
    if (beside / MANIFEST).is_file() and manifest_sha256(beside) == manifest_sha256(asked):
        made = import_module("pocketrag.bench.answers.exam_section").exam_section
        record(beside, "answers", made(found, examined / ANSWERS))
