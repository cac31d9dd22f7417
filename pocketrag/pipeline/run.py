"""Make a stage, ask for one that must be there, or look whether one is.

Each is one function over the table of stages.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

from pocketrag import interrupt
from pocketrag.console import details_of, status
from pocketrag.errors import InputError
from pocketrag.formats import files
from pocketrag.formats.embedder.embedder_folder import locate
from pocketrag.formats.facts.base import Facts, Source

from . import stage_lock
from .code import code_of
from .kept_model import SAME, WEIGHTS, keep, refused
from .project import Project
from .settings import Inputs, value_of
from .stage import MANIFEST, After, Job, Stage, StageRef, StageSpec, checkpoints, first_process, load
from .stages import STAGES

Key = Mapping[str, Any]
#: Seconds between two looks at whether another process has made a stage.
POLL = 0.5
#: Verbs that take `--source`.
WITH_SOURCE = ("bundle", "convert", "distill", "exam", "index", "npu", "quantize")


def run(
    project: Project,
    name: str,
    source: Source | None = None,
    sample: int | None = None,
    other: str | None = None,
    student: str | None = None,
) -> Stage:
    """Make a stage, unless it is there and nothing that it is made from changed.

    Raises:
        InputError: a stage that it reads was not made yet, or was made from something else.
        Exception: whatever its function raises; the earlier folder is whole then.

    """
    ref = StageRef(name, source, sample, other, student)
    try:
        return _run(project, ref)
    finally:
        project.digests.save()


def need(project: Project, name: str, source: Source | None = None) -> Stage:
    """Return a finished stage that was made from the present inputs and settings, whatever code made it.

    Raises:
        InputError: it, or a stage that it reads, was not made yet, was changed since, or was made from
            something else.

    """
    return _need(project, StageRef(name, source))


def find(project: Project, name: str, source: Source | None = None) -> Stage | None:
    """Return a finished stage if it was made from the present inputs and settings, else None."""
    return _find(project, StageRef(name, source))


def exists(project: Project, name: str, source: Source | None = None) -> bool:
    """Say whether a stage is there and whole, whatever it was made from."""
    ref = StageRef(name, source)
    return _load(project, STAGES[name], folder_of(project, ref)) is not None


def folder_of(project: Project, ref: StageRef) -> Path:
    """Return the folder of a stage; it need not exist."""
    other = project.fingerprint(locate(ref.other))[:12] if ref.other else ""
    return project.folder / STAGES[ref.name].folder(ref, other)


def targets(project: Project, edge: After, ref: StageRef) -> Iterator[tuple[str, StageRef]]:
    """Yield the stages that an edge of the table stands for, each with its label among the inputs."""
    if not edge.when(project.recipe, ref):
        return
    spec = STAGES[edge.name]
    source = edge.source or ref.source if spec.sourced else None
    target = StageRef(edge.name, source, ref.sample if spec.sampled else None)
    if edge.each is None:
        yield edge.label, replace(target, student=ref.student if spec.studied else None)
    else:
        yield from ((edge.of(name), replace(target, student=name)) for name in edge.each(project.recipe))


def difference(project: Project, ref: StageRef) -> Stage | str:
    """Return a stage that would not run again, or why it would.

    The stages that it reads have to be up to date.
    """
    spec, folder = STAGES[ref.name], folder_of(project, ref)
    if (found := _load(project, spec, folder)) is None:
        return "its files were changed"
    key = {**_made_from(project, spec, ref, _inputs(project, spec, ref, _find)), **_made_by(spec)}
    if name := _differs(found[1], key):
        return f"`{name}` changed"
    if name := next(
        (n for n, v in key["packages"].items() if found[1].get("packages", {}).get(n) != v), None
    ):
        return f"the package {name} changed"
    return found[0] if files.digest_of(found[1]) == files.digest_of(key) else "pocketrag's own code changed"


def _run(project: Project, ref: StageRef) -> Stage:
    if ref in project.made:
        return project.made[ref]
    spec, folder = STAGES[ref.name], folder_of(project, ref)
    inputs = _inputs(project, spec, ref, _made)
    key = {**_made_from(project, spec, ref, inputs), **_made_by(spec)}
    found = _load(project, spec, folder)
    if project.keep_model and ref.name in WEIGHTS:
        status(f"{project.steps.begin(folder.name)}{folder.name}: kept")
        done = _kept(project, folder, found, key)
    elif found and files.digest_of(found[1]) == files.digest_of(key):
        status(f"{project.steps.begin(folder.name)}{folder.name}: unchanged")
        done = found[0]
    else:
        status(f"{project.steps.begin(folder.name)}{folder.name}: running{project.steps.remaining()}")
        earlier = found[0] if found and _reusable(spec, found[1], key) else None
        done = _make(project, spec, Job(project, ref, folder, key, inputs, folder, earlier))
    project.steps.done(folder.name)
    project.made[ref] = done
    return done


def _kept(project: Project, folder: Path, found: tuple[Stage, Key] | None, key: Key) -> Stage:
    if found is None:
        raise InputError(f"--keep-model: there is no whole {folder.name} to keep; build without it.")
    stage, before = found
    if changed := _differs(before, key, (*before["settings"], *key["settings"], *SAME)):
        raise refused(folder.name, changed)
    project.loaded[folder] = stage, keep(folder, before, key)
    return stage


def _make(project: Project, spec: StageSpec, job: Job) -> Stage:
    function: Callable[[Job], Facts] = getattr(import_module(spec.module), spec.run)
    if not first_process() and spec.automatic:
        return _awaited(project, spec, job)
    if not first_process():
        with tempfile.TemporaryDirectory() as aside:
            return Stage(job.folder, function(replace(job, out=Path(aside))), "", ran=True)
    with stage_lock.held(job.folder) as waited:
        project.loaded.pop(job.folder, None)
        if waited and _is_made(job) and (found := _load(project, spec, job.folder)):
            return found[0]
        counted = details_of(job.folder.name) if project.steps.order else nullcontext()
        with counted:
            return _written(project, job, function)


def _written(project: Project, job: Job, function: Callable[[Job], Facts]) -> Stage:
    began = time.monotonic()
    with files.new_folder(job.folder) as temporary:
        facts = function(replace(job, out=temporary))
        interrupt.raise_if_interrupted()
        outputs = project.digests.folder(temporary)
        (temporary / MANIFEST).write_text(
            files.to_json(
                {
                    "key": job.key,
                    "facts": facts.as_json(),
                    "outputs": outputs,
                    "seconds": round(time.monotonic() - began, 1),
                }
            ),
            "utf-8",
        )
    shutil.rmtree(checkpoints(job.folder), ignore_errors=True)
    done = Stage(job.folder, facts, files.digest_of(outputs), ran=True)
    project.loaded[job.folder] = done, job.key
    return done


def _awaited(project: Project, spec: StageSpec, job: Job) -> Stage:
    # Of several processes the first makes what all read; where it fails, the launcher ends the others.
    while not _is_made(job):
        interrupt.raise_if_interrupted()
        time.sleep(POLL)
    project.loaded.pop(job.folder, None)
    found = _load(project, spec, job.folder)
    if found is None:
        raise InputError(f"{job.folder}: damaged; run the command again.")
    return found[0]


def _is_made(job: Job) -> bool:
    try:
        return files.digest_of(files.read_json(job.folder / MANIFEST)["key"]) == files.digest_of(job.key)
    except InputError:  # not there, or just being put there
        return False


def _need(project: Project, ref: StageRef) -> Stage:
    if found := project.made.get(ref) or project.needed.get(ref):
        return found
    done = _whole(project, ref)
    project.needed[ref] = done
    return done


def _whole(project: Project, ref: StageRef) -> Stage:
    spec, folder = STAGES[ref.name], folder_of(project, ref)
    inputs = _inputs(project, spec, ref, _made)
    source = ["--source", ref.source] if ref.source and ref.name in WITH_SOURCE else []
    command = project.command(ref.name.partition("-")[0], *source)
    if (found := _load(project, spec, folder)) is None:
        raise InputError(
            f"{folder}: not there or damaged; run `{command}` first, or `{project.command('build')}`."
        )
    if name := _differs(found[1], _made_from(project, spec, ref, inputs)):
        raise InputError(f"{folder}: made from another `{name}`; run `{command}` again, or `build`.")
    return found[0]


def _find(project: Project, ref: StageRef) -> Stage | None:
    spec, folder = STAGES[ref.name], folder_of(project, ref)
    if (found := _load(project, spec, folder)) is None:
        return None
    try:
        key = _made_from(project, spec, ref, _inputs(project, spec, ref, _find))
    except LookupError:
        return None
    return None if _differs(found[1], key) else found[0]


def _made(project: Project, ref: StageRef) -> Stage:
    return _run(project, ref) if STAGES[ref.name].automatic else _need(project, ref)


def _inputs(
    project: Project, spec: StageSpec, ref: StageRef, get: Callable[[Project, StageRef], Stage | None]
) -> dict[str, Stage]:
    # Raises LookupError where `get` gives None for a stage that is not optional.
    found = {}
    for edge in spec.after:
        for label, target in targets(project, edge, ref):
            done = (_find if edge.optional else get)(project, target)
            if done is None and not edge.optional:
                raise LookupError(label)
            if done is not None:
                found[label] = done
    return found


def _made_from(project: Project, spec: StageSpec, ref: StageRef, inputs: Inputs) -> dict[str, Any]:
    found = {label: done.digest for label, done in inputs.items()}
    found |= {key: project.data_digest(key) for key in spec.data}
    if spec.model:
        found["base"] = project.fingerprint(project.base)
    if ref.other is not None:
        found["other"] = project.fingerprint(locate(ref.other))
    settings = {name: value_of(project, ref, name, inputs) for name in spec.settings}
    return {"stage": spec.name, "inputs": found, "settings": settings}


def _made_by(spec: StageSpec) -> dict[str, Any]:
    code = code_of(spec.module)
    return {"code": files.digest_of(code.modules), "packages": code.packages}


def _load(project: Project, spec: StageSpec, folder: Path) -> tuple[Stage, Key] | None:
    if folder not in project.loaded:
        project.loaded[folder] = load(folder, spec.facts, project.digests.folder)
    return project.loaded[folder]


def _differs(found: Key, wanted: Key, names: Iterable[str] | None = None) -> str | None:
    # The first input or setting that is not the same; those of a stage that had more or fewer differ too.
    for part in ("inputs", "settings"):
        there, here = found.get(part, {}), wanted[part]
        for name in sorted({*there, *here}) if names is None else names:
            if files.digest_of(there.get(name)) != files.digest_of(here.get(name)):
                return name
    return None


def _reusable(spec: StageSpec, found: Key, wanted: Key) -> bool:
    if spec.reuse is None or _differs(found, wanted, spec.reuse):
        return False
    return all(
        files.digest_of(found.get(part)) == files.digest_of(wanted[part]) for part in ("code", "packages")
    )
