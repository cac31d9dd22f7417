"""`pocketrag build`: the verbs in order, each a stage that is skipped while unchanged; published only behind passing gates."""

from __future__ import annotations

import importlib
import os
import shutil
import time
from pathlib import Path
from typing import Any

from pocketrag import files, interrupt, reports
from pocketrag.console import status
from pocketrag.errors import InputError, hold_back
from pocketrag.manifest import claim, read_manifest
from pocketrag.recipe import Recipe, read_recipe


def build(
    recipe: str,
    *,
    out: str | None = None,
    base: str | None = None,
    mode: str | None = None,
    work: str = "work",
    accept_regression: bool = False,
) -> dict[str, Any]:
    """Build a recipe's bundle, verify it, and only then put it at `out`.

    With `accept_regression` the tuned model ships whatever its verdict, and the manifest says where it regressed.

    Raises:
        InputError: bad input, or something that is not ours lies at `out`.
        GateError, UncheckedError: a required gate failed or could not be checked; `out` stays as it was.

    """
    started = time.monotonic()
    chosen = read_recipe(recipe, base, mode)
    target = Path(os.path.abspath(out)) if out else Path("android_assets", chosen.name)  # noqa: PTH100 - links stay as they are
    claim(target)
    common = {"work": work, "base": base}
    checks = _verb("training.check", "check")(recipe, **common)
    if checks["exit"]:
        raise InputError("; ".join(f"{c['check']}: {c['detail']}" for c in checks["checks"] if c["outcome"] == "fail"))
    trimmed = {"trim": _verb("export.trim", "trim")(recipe, **common)} if chosen.trim else {}
    source, judged = _choose(chosen, recipe, common, mode, accept_regression)
    judged = {**trimmed, **judged}
    packed = _verb("export.bundle", "bundle")(recipe, source=source, mode=mode, accept_regression=accept_regression, **common)
    verified = _verb("bench.verify", "check")(packed["folder"])
    report = _report(chosen, judged, packed, verified)
    seconds = round(time.monotonic() - started, 1)
    _publish(Path(packed["folder"]), target, verified, {**report, "build": {"seconds": seconds}})
    return {**report, "bundle": out or str(target), "seconds": seconds}


def _choose(
    chosen: Recipe, recipe: str, common: dict[str, Any], mode: str | None, accept_regression: bool
) -> tuple[str, dict[str, Any]]:
    # The tuned model is decided on twice: in float32, and again as it would ship. Whatever loses gives way to the base.
    judge = importlib.import_module("pocketrag.training.judge")
    judged: dict[str, Any] = {"base": judge.judge_float(recipe, "base", **common)}
    if chosen.train.method != "none":
        for verb in ("mine", "tune", "merge"):
            judged[verb] = _verb(f"training.{verb}", verb)(recipe, **common)
        judged["tuned"] = judge.judge_float(recipe, "tuned", **common)
        if judged["tuned"]["ships"] == "tuned" or accept_regression:
            judged["shipped"] = _ship(recipe, "tuned", common, judged, mode)
            if judged["shipped"]["ships"] == "tuned" or accept_regression:
                return "tuned", judged
    judged["shipped"] = _ship(recipe, "base", common, judged, mode)
    return "base", judged


def _ship(recipe: str, source: str, common: dict[str, Any], judged: dict[str, Any], mode: str | None) -> dict[str, Any]:
    for verb in ("convert", "quantize", "index"):
        judged[verb] = _verb(f"export.{verb}", verb)(recipe, source=source, **common)
    judge = importlib.import_module("pocketrag.training.judge")
    return dict(judge.judge_shipped(recipe, source, mode=mode, **common))


def _report(recipe: Recipe, judged: dict[str, Any], packed: dict[str, Any], verified: dict[str, Any]) -> dict[str, Any]:
    manifest = read_manifest(Path(packed["folder"]))
    return {
        "schema": reports.SCHEMA,
        "name": recipe.name,
        "version": recipe.version,
        "model_id": manifest.model_id,
        "base_model": manifest.base_model,
        "manifest_sha256": reports.manifest_sha256(Path(packed["folder"])),
        "verdict": manifest.verdict.model_dump(),
        "quality": {key: value for key, value in judged.items() if key in ("base", "tuned", "shipped")},
        "stages": {key: value for key, value in judged.items() if key not in ("base", "tuned", "shipped")},
        "files": packed["files"],
        "bytes": packed["bytes"],
        "gates": verified["gates"],
    }


def _publish(packed: Path, target: Path, verified: dict[str, Any], report: dict[str, Any]) -> None:
    hold_back(verified, f"The bundle stays in {packed}; nothing was published.")
    interrupt.check()
    if not (target.is_dir() and files.digests(target) == files.digests(packed)):
        with files.new_folder(target) as fresh:
            shutil.copytree(packed, fresh, dirs_exist_ok=True)
        status(f"published {target}")
    here = {name: reports.with_environment(name, facts) for name, facts in (("build", report["build"]), ("verify", verified))}
    reports.write(target, {**report, **here})


def _verb(module: str, name: str) -> Any:  # noqa: ANN401 - a verb's function
    # By name, so that the hallway imports no wing and a skipped stage costs nothing.
    return getattr(importlib.import_module(f"pocketrag.{module}"), name)
