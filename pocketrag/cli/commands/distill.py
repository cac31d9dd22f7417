"""`pocketrag distill`: small question encoders that land where the full model lands."""

from __future__ import annotations

from importlib import import_module

from pocketrag.errors import InputError
from pocketrag.formats.facts.base import Source
from pocketrag.formats.facts.students import DistilledFacts, DistillFacts
from pocketrag.pipeline.project import Project
from pocketrag.pipeline.run import run
from pocketrag.pipeline.source import ships
from pocketrag.pipeline.stage import facts_of


def distill(
    recipe: str,
    *,
    student: str | None = None,
    source: Source | None = None,
    work: str = "work",
    base: str | None = None,
) -> DistilledFacts:
    """Train the recipe's students on what the full model makes of the same texts.

    The full model is converted where it is not yet, and the teacher's vectors are made and kept; interrupted,
    that goes on from the last shard.

    Args:
        recipe: the TOML file.
        student: only this one of `[students]`; by default all.
        source: whose student, "tuned" or "base"; by default what the verdict says.
        work: where the stages lie.
        base: another base model than the recipe's: a folder or a hub id.

    Raises:
        InputError: the recipe has no students or none of that name, `merge` has not run for a tuned
            model, there are too few texts to learn from, or a student's layers or start can't be one.

    """
    project = Project.read(recipe, work=work, base=base)
    names = _names(project, student)
    import_module("pocketrag.training.check_students").refuse_students(project, names)
    source = source or ships(project)
    found = []
    # What it shares with the model that ships: tokenizer, dims, lengths. Before the teacher takes its time.
    run(project, "convert", source)
    for name in names:
        done = run(project, "distill", source, student=name)
        found.append(facts_of(done, DistillFacts).of(done.folder, source))
    return DistilledFacts(students=tuple(found))


def _names(project: Project, student: str | None) -> tuple[str, ...]:
    project.need_questions("distill")
    known = project.recipe.taught
    if not known:
        raise InputError(f"{project.file}: no [students.NAME] that is to ship; add one (docs/students.md).")
    if student is not None and student not in known:
        raise InputError(f"--student {student}: {project.file} has {', '.join(known)}.")
    return (student,) if student else known
