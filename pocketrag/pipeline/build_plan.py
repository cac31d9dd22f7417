"""What a build would run: its stages in order, why, and what each took when it ran last."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from pocketrag.errors import InputError
from pocketrag.formats import files
from pocketrag.formats.facts.base import Source
from pocketrag.formats.facts.status import StageStatus, State, StatusFacts
from pocketrag.formats.manifest import SUMS
from pocketrag.runtime.npu.emulate import obstacle

from .project import Project
from .run import difference, folder_of, targets
from .source import ships
from .stage import MANIFEST, Stage, StageRef
from .stages import STAGES

NOT_HERE = "the base model is not here, and would be fetched"


def status_of(project: Project, target: Path) -> StatusFacts:
    """Return the stages of a build of this project, and whether the bundle at `target` is its outcome.

    Nothing is made, and nothing fetched.

    Raises:
        InputError: a data file is missing, or the base is no embedder.

    """
    stages = planned(project)
    todo = [one for one in stages if one.state != "built"]
    return StatusFacts(
        name=project.recipe.name,
        version=project.recipe.version,
        stages=tuple(stages),
        to_run=len(todo),
        seconds=round(sum(one.seconds or 0.0 for one in todo), 1),
        unknown=sum(one.seconds is None for one in todo),
        bundle=str(target),
        published=_published(project, target, built=not todo),
    )


def planned(project: Project) -> list[StageStatus]:
    """Return the stages of a build in order."""
    source = _likely(project)
    order: dict[StageRef, None] = {}
    for ref in _asked(project, source):
        _visit(project, ref, order)
    if _absent(project):
        return [_status(project, ref, "missing", NOT_HERE) for ref in order]
    made: dict[StageRef, Stage] = {}
    return [_look(project, ref, made) for ref in order]


def _likely(project: Project) -> Source:
    # The tuned model is asked first; what the verdict was, where there is one.
    try:
        return ships(project)
    except InputError:
        return "tuned"


def _asked(project: Project, source: Source) -> Iterator[StageRef]:
    # As `build` asks for them.
    recipe = project.recipe
    if recipe.data.has_questions:
        yield from (StageRef("evaluate", "base"), *([StageRef("evaluate", "tuned")] if project.tunes else []))
    elif project.tunes:
        yield StageRef("choose")
    for name in ("convert", "quantize", "index"):
        yield StageRef(name, source)
    if recipe.data.has_questions:
        yield StageRef("evaluate-shipped", source)
    if recipe.taught:
        yield StageRef("ladder", source)
    if recipe.export.npu and not obstacle():
        yield StageRef("npu", source)
    yield from (StageRef("bundle", source), StageRef("verify", source))


def _visit(project: Project, ref: StageRef, order: dict[StageRef, None]) -> None:
    if ref in order:
        return
    for before in _before(project, ref):
        _visit(project, before, order)
    order[ref] = None


def _before(project: Project, ref: StageRef) -> Iterator[StageRef]:
    """Yield the stages that one can't be without."""
    for edge in STAGES[ref.name].after:
        if not edge.optional:
            yield from (target for _, target in targets(project, edge, ref))


def _absent(project: Project) -> bool:
    model = project.recipe.model
    here = import_module("pocketrag.training.check_embedder").without_download
    return here(model.base, model.revision) is None


def _look(project: Project, ref: StageRef, made: dict[StageRef, Stage]) -> StageStatus:
    waits = next((one for one in _before(project, ref) if one not in made), None)
    if not (folder_of(project, ref) / MANIFEST).is_file():
        return _status(project, ref, "missing", None)
    if waits is not None:
        return _status(project, ref, "stale", f"after {folder_of(project, waits).name}")
    found = difference(project, ref)
    if isinstance(found, str):
        return _status(project, ref, "stale", found)
    made[ref] = found
    return _status(project, ref, "built", None)


def _status(project: Project, ref: StageRef, state: State, why: str | None) -> StageStatus:
    folder = folder_of(project, ref)
    size = (
        sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else None
    )
    return StageStatus(stage=folder.name, state=state, why=why, seconds=_seconds(folder), bytes=size)


def _seconds(folder: Path) -> float | None:
    try:
        found: Any = files.read_json(folder / MANIFEST)
    except InputError:
        return None
    seconds = found.get("seconds") if isinstance(found, dict) else None
    return float(seconds) if isinstance(seconds, int | float) else None


def _published(project: Project, target: Path, *, built: bool) -> Any:  # noqa: ANN401 - one of the literals
    if not (target / SUMS).is_file():
        return "missing"
    made = project.folder / "bundle" / project.recipe.name / SUMS
    same = built and made.is_file() and made.read_bytes() == (target / SUMS).read_bytes()
    return "up to date" if same else "of another build"
