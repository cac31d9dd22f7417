"""`pocketrag npu`: the model compiled for phones' NPUs, emulated, and published beside the bundle."""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from pocketrag.errors import InputError
from pocketrag.formats.facts.base import Source
from pocketrag.formats.facts.npu import NpuFacts
from pocketrag.formats.facts.verify import VerifyFacts
from pocketrag.formats.gate import hold_back
from pocketrag.formats.npu import SUFFIX, claim
from pocketrag.formats.npu.npu_folder import publish_npu
from pocketrag.pipeline.project import Project
from pocketrag.pipeline.run import need, run
from pocketrag.pipeline.source import ships
from pocketrag.pipeline.stage import facts_of


def npu(
    recipe: str,
    *,
    source: Source | None = None,
    out: str | None = None,
    base: str | None = None,
    work: str = "work",
) -> NpuFacts:
    """Compile the recipe's model for `[export] npu`, run it on the emulator, and put it beside the bundle.

    Args:
        recipe: the TOML file.
        source: "tuned" or "base"; by default what the verdict says.
        out: where the files go; by default `android_assets/NAME.npu`.
        base: another base model than the recipe's: a folder or a hub id.
        work: where the stages lie.

    Raises:
        InputError: the recipe asks for none, the bundle was not made yet, something that is not ours lies at
            `out`, or a file can't be compiled here.
        GateError: what was compiled does not compute what the model computes; nothing was published.

    """
    project = Project.read(recipe, work=work, base=base)
    if not project.recipe.export.npu:
        raise InputError(f'{recipe}: `export.npu`: names no system on a chip; add npu = ["SM8750"].')
    # Links stay as they are.
    target = Path(os.path.abspath(out)) if out else Path("android_assets", project.recipe.name + SUFFIX)  # noqa: PTH100
    claim(target)
    source = source or ships(project)
    done, bundle = run(project, "npu", source), need(project, "bundle", source)
    check: Callable[[Path, Path], VerifyFacts] = import_module("pocketrag.bench.verify").check_npu
    checked = check(bundle.folder / project.recipe.name, done.folder)
    hold_back(checked, f"The files stay in {done.folder}; nothing was published.")
    publish_npu(done.folder, target, checked.npu or {})
    found = {"proofs": checked.npu, "gates": checked.gates, "out": out or str(target)}
    return facts_of(done, NpuFacts).of(done.folder, source).model_copy(update=found)
