"""`pocketrag build`: the stages in order, each skipped while unchanged.

Published only behind passing gates.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any

from pocketrag import interrupt
from pocketrag.console import status
from pocketrag.errors import InputError
from pocketrag.formats import bundle_report, files
from pocketrag.formats.data.no_questions import MISSING
from pocketrag.formats.facts.asked import JudgedQuestions
from pocketrag.formats.facts.base import Source, SourceFacts, StageFacts
from pocketrag.formats.facts.build import BuildFacts, QualityFacts, StagesFacts
from pocketrag.formats.facts.bundle import BundleFacts, VerdictFacts
from pocketrag.formats.facts.evaluate import ChosenFacts, JudgedFacts
from pocketrag.formats.facts.outcome import GateFacts
from pocketrag.formats.facts.status import StatusFacts
from pocketrag.formats.facts.verify import VerifySection
from pocketrag.formats.gate import hold_back
from pocketrag.formats.manifest import MANIFEST, claim, read_manifest
from pocketrag.formats.npu import claim as claim_npu
from pocketrag.formats.npu import npu_beside
from pocketrag.formats.npu.npu_folder import publish_npu
from pocketrag.runtime.npu.emulate import obstacle

from . import earlier
from .build_plan import planned, status_of
from .input_lock import refuse_unlocked, write_lock
from .project import Project
from .run import run
from .stage import Stage, facts_of


def build(
    recipe: str,
    *,
    out: str | None = None,
    base: str | None = None,
    mode: str | None = None,
    work: str = "work",
    accept_regression: bool = False,
    dry_run: bool = False,
    locked: bool = False,
    keep_model: bool = False,
) -> BuildFacts | StatusFacts:
    """Build a recipe's bundle, verify it, and only then put it at `out`.

    With `dry_run` nothing is made: what would run is returned. With `locked`, files, models and packages must
    be those of the lock beside the recipe; without it the lock is written once the bundle is published. With
    `keep_model` the passages alone are made anew, and what makes weights is kept (`kept_model.py`). With
    `accept_regression` the tuned model ships whatever its verdict, and the manifest says where it regressed.

    Raises:
        InputError: bad input, or something that is not ours lies at `out`.
        GateError, UncheckedError: a required gate failed or could not be checked; `out` stays as it was.

    """
    started = time.monotonic()
    project = Project.read(
        recipe, work=work, base=base, mode=mode, accept_regression=accept_regression, keep_model=keep_model
    )
    # Links stay as they are.
    target = Path(os.path.abspath(out)) if out else Path("android_assets", project.recipe.name)  # noqa: PTH100
    claim(target)
    if project.recipe.export.npu:
        claim_npu(npu_beside(target))
    if locked:
        refuse_unlocked(project)
    if dry_run:
        return status_of(project, Path(out or target))
    with suppress(InputError):  # what is wrong, the check says better
        project.steps.plan(planned(project))
    import_module("pocketrag.training.check").refuse(project)
    stages, quality = _choose(project)
    stages = stages.into(StagesFacts, **_students(project, quality.source))
    stages = stages.into(StagesFacts, **_npu(project, quality.source))
    packed, verified = run(project, "bundle", quality.source), run(project, "verify", quality.source)
    bundle = packed.folder / project.recipe.name
    verified = _with_earlier(verified, bundle, target)
    manifest, made = read_manifest(bundle), facts_of(packed, BundleFacts)
    earlier.keep(target, bundle, project.folder)
    found = BuildFacts(
        schema_=bundle_report.SCHEMA,
        name=manifest.name,
        version=manifest.version,
        model_id=manifest.model_id,
        base_model=manifest.base_model,
        manifest_sha256=project.digests.sha256(bundle / MANIFEST),
        verdict=VerdictFacts.read(manifest.verdict.model_dump(mode="json")),
        quality=QualityFacts.model_validate(quality.models),
        **_questions(project, quality),
        stages=stages,
        files=made.files,
        bytes=made.bytes,
        gates=facts_of(verified, VerifySection).gates,
        standing=_standing(verified, bundle),
        bundle=out or str(target),
        update=earlier.model_update(bundle, Path(out or target), project.folder),
        seconds=round(time.monotonic() - started, 1),
    )
    _publish(project, bundle, target, verified, found)
    if stages.npu:
        publish_npu(
            Path(str(stages.npu.folder)), npu_beside(target), facts_of(verified, VerifySection).npu or {}
        )
    if not locked:
        write_lock(project)
    return found


@dataclass(frozen=True)
class _Quality:
    """What ships, and how good the models are that were judged on the way."""

    source: Source
    models: dict[str, JudgedFacts]
    """"base", "tuned" and "shipped"."""


def _choose(project: Project) -> tuple[StagesFacts, _Quality]:
    # The tuned model is decided on twice: in float32, and again as it would ship. Whatever loses gives way to
    # the base.
    stages = {"trim": _facts(run(project, "trim"))} if project.recipe.trim else {}
    if not project.recipe.data.has_questions:
        status(f"{project.file}: {MISSING}")
        source: Source = "base"
        if project.tunes:
            stages |= {verb: _facts(run(project, verb)) for verb in ("mine", "tune", "merge", "choose")}
            chosen = facts_of(run(project, "choose"), ChosenFacts).ships
            source = "tuned" if project.accept_regression else chosen
        stages |= _converted(project, source)
        return StagesFacts.model_validate(stages), _Quality(source, {})
    models = {"base": _judged(project, "evaluate", "base")}
    if project.tunes:
        stages |= {verb: _facts(run(project, verb)) for verb in ("mine", "tune", "merge")}
        models["tuned"] = _judged(project, "evaluate", "tuned")
        if models["tuned"].ships == "tuned" or project.accept_regression:
            shipped = {**stages, **_converted(project, "tuned")}
            models["shipped"] = _judged(project, "evaluate-shipped", "tuned")
            if models["shipped"].ships == "tuned" or project.accept_regression:
                return StagesFacts.model_validate(shipped), _Quality("tuned", models)
    stages |= _converted(project, "base")
    models["shipped"] = _judged(project, "evaluate-shipped", "base")
    return StagesFacts.model_validate(stages), _Quality("base", models)


def _converted(project: Project, source: Source) -> dict[str, StageFacts]:
    stages = {verb: run(project, verb, source) for verb in ("convert", "quantize", "index")}
    return {verb: facts_of(done, SourceFacts).of(done.folder, source) for verb, done in stages.items()}


def _students(project: Project, source: Source) -> dict[str, object]:
    # Of the model that ships; without questions nothing could measure them.
    if not project.recipe.taught:
        if project.recipe.students:
            status(f"{project.file}: [students] are left out: {MISSING}")
        return {}
    made = {name: run(project, "distill", source, student=name) for name in project.recipe.taught}
    distilled = {name: facts_of(done, SourceFacts).of(done.folder, source) for name, done in made.items()}
    ladder = run(project, "ladder", source)
    return {"distill": distilled, "ladder": facts_of(ladder, SourceFacts).of(ladder.folder, source)}


def _npu(project: Project, source: Source) -> dict[str, object]:
    # Where nothing can be compiled, the bundle goes on without; the gates say why.
    if not project.recipe.export.npu:
        return {}
    if why := obstacle():
        status(f"{project.file}: `export.npu`: nothing can be compiled here: {why}")
        return {}
    done = run(project, "npu", source)
    return {"npu": facts_of(done, SourceFacts).of(done.folder, source)}


def _judged(project: Project, name: str, source: Source) -> JudgedFacts:
    decided: Callable[[Project, Source, Stage], JudgedFacts] = import_module(
        "pocketrag.bench.quality.judge"
    ).decided
    return decided(project, source, run(project, name, source))


def _questions(project: Project, quality: _Quality) -> dict[str, JudgedQuestions]:
    if not quality.models:
        return {}
    judged: Callable[[Project, Source], JudgedQuestions] = import_module(
        "pocketrag.bench.quality.asked"
    ).judged_questions
    return {"questions": judged(project, quality.source)}


def _facts(done: Stage) -> StageFacts:
    return facts_of(done, StageFacts).at(done.folder)


def _with_earlier(verified: Stage, bundle: Path, target: Path) -> Stage:
    """Add what phones and emulators have shown of this very bundle since it was published.

    Raises:
        GateError: one of these failed.

    """
    with_earlier = import_module("pocketrag.bench.gates.earlier").with_earlier
    found: VerifySection = with_earlier(facts_of(verified, VerifySection), bundle, target)
    hold_back(found, f"The bundle stays in {bundle}; nothing was published.")
    return replace(verified, facts=found)


def _standing(verified: Stage, bundle: Path) -> str:
    said: Callable[[Sequence[GateFacts], Path], str] = import_module(
        "pocketrag.bench.gates.standing"
    ).standing
    return said(facts_of(verified, VerifySection).gates, bundle)


def _publish(project: Project, packed: Path, target: Path, verified: Stage, found: BuildFacts) -> None:
    interrupt.raise_if_interrupted()
    # What is published is read again, whatever was remembered of it.
    if published := not (target.is_dir() and files.digests(target) == project.digests.folder(packed)):
        with files.new_folder(target) as fresh:
            shutil.copytree(packed, fresh, dirs_exist_ok=True)
        status(f"published {target}")
    changes: dict[str, Any] = {
        key: value for key, value in found.as_json().items() if key not in ("bundle", "seconds", "standing")
    }
    changes["build"] = bundle_report.with_environment("build", {"seconds": found.seconds})
    if published or verified.ran:
        changes["verify"] = verified.facts.as_json()
    else:
        changes.pop("gates")  # a later `verify` may have measured more of this very bundle
    bundle_report.write(target, changes)
