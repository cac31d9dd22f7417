"""`pocketrag build`: the stages in order, each skipped while unchanged; published only behind passing gates."""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from pocketrag import files, interrupt, reports
from pocketrag.console import status
from pocketrag.errors import InputError
from pocketrag.manifest import claim, read_manifest

from .project import Project
from .run import run
from .stage import Source, Stage

Facts = dict[str, Any]


def build(
    recipe: str,
    *,
    out: str | None = None,
    base: str | None = None,
    mode: str | None = None,
    work: str = "work",
    accept_regression: bool = False,
) -> Facts:
    """Build a recipe's bundle, verify it, and only then put it at `out`.

    With `accept_regression` the tuned model ships whatever its verdict, and the manifest says where it regressed.

    Raises:
        InputError: bad input, or something that is not ours lies at `out`.
        GateError, UncheckedError: a required gate failed or could not be checked; `out` stays as it was.

    """
    started = time.monotonic()
    project = Project.read(recipe, work=work, base=base, mode=mode, accept_regression=accept_regression)
    # Links stay as they are.
    target = Path(os.path.abspath(out)) if out else Path("android_assets", project.recipe.name)  # noqa: PTH100
    claim(target)
    _check(project)
    stages, quality = _choose(project)
    packed, verified = run(project, "bundle", quality.source), run(project, "verify", quality.source)
    bundle = packed.folder / project.recipe.name
    report = _report(bundle, stages, quality.models, packed, verified)
    seconds = round(time.monotonic() - started, 1)
    _publish(project, bundle, target, verified, {**report, "build": {"seconds": seconds}})
    return {**report, "bundle": out or str(target), "seconds": seconds}


@dataclass(frozen=True)
class _Quality:
    """What ships, and how good the models are that were judged on the way."""

    source: Source
    models: dict[str, Facts]
    """"base", "tuned" and "shipped"."""


def _check(project: Project) -> None:
    found = import_module("pocketrag.training.check").check_project(project)
    if found["exit"]:
        failing = [f"{line['check']}: {line['detail']}" for line in found["checks"] if line["outcome"] == "fail"]
        raise InputError("; ".join(failing))


def _choose(project: Project) -> tuple[dict[str, Facts], _Quality]:
    # The tuned model is decided on twice: in float32, and again as it would ship. Whatever loses gives way to the base.
    stages = {"trim": _facts(run(project, "trim"))} if project.recipe.trim else {}
    models = {"base": _judged(project, "evaluate", "base")}
    if project.tunes:
        stages |= {verb: _facts(run(project, verb)) for verb in ("mine", "tune", "merge")}
        models["tuned"] = _judged(project, "evaluate", "tuned")
        if models["tuned"]["ships"] == "tuned" or project.accept_regression:
            shipped = {**stages, **_converted(project, "tuned")}
            models["shipped"] = _judged(project, "evaluate-shipped", "tuned")
            if models["shipped"]["ships"] == "tuned" or project.accept_regression:
                return shipped, _Quality("tuned", models)
    stages |= _converted(project, "base")
    models["shipped"] = _judged(project, "evaluate-shipped", "base")
    return stages, _Quality("base", models)


def _converted(project: Project, source: Source) -> dict[str, Facts]:
    stages = {verb: run(project, verb, source) for verb in ("convert", "quantize", "index")}
    return {verb: {"folder": str(done.folder), "source": source, **done.facts} for verb, done in stages.items()}


def _judged(project: Project, name: str, source: Source) -> Facts:
    decided = import_module("pocketrag.training.judge").decided
    return dict(decided(project, source, run(project, name, source).facts))


def _facts(done: Stage) -> Facts:
    return {"folder": str(done.folder), **done.facts}


def _report(bundle: Path, stages: dict[str, Facts], models: dict[str, Facts], packed: Stage, verified: Stage) -> Facts:
    manifest = read_manifest(bundle)
    return {
        "schema": reports.SCHEMA,
        "name": manifest.name,
        "version": manifest.version,
        "model_id": manifest.model_id,
        "base_model": manifest.base_model,
        "manifest_sha256": reports.manifest_sha256(bundle),
        "verdict": manifest.verdict.model_dump(),
        "quality": models,
        "stages": stages,
        "files": packed.facts["files"],
        "bytes": packed.facts["bytes"],
        "gates": verified.facts["gates"],
    }


def _publish(project: Project, packed: Path, target: Path, verified: Stage, report: Facts) -> None:
    interrupt.check()
    # What is published is read again, whatever was remembered of it.
    if published := not (target.is_dir() and files.digests(target) == project.digests.folder(packed)):
        with files.new_folder(target) as fresh:
            shutil.copytree(packed, fresh, dirs_exist_ok=True)
        status(f"published {target}")
    changes = {**report, "build": reports.with_environment("build", report["build"])}
    if published or verified.ran:
        changes["verify"] = verified.facts
    else:
        changes.pop("gates")  # a later `verify` may have measured more of this very bundle
    reports.write(target, changes)
