"""`pocketrag pack`: a language model as one file that LiteRT-LM runs, published beside the bundle."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from pocketrag.console import status
from pocketrag.formats import files
from pocketrag.formats.facts.generator import PackFacts
from pocketrag.formats.generator import FILES, SUFFIX, SUMS, claim
from pocketrag.pipeline.project import Project
from pocketrag.pipeline.run import run
from pocketrag.pipeline.stage import facts_of


def pack(recipe: str, *, out: str | None = None, work: str = "work") -> PackFacts:
    """Pack the recipe's generator, and put it beside the bundle.

    Args:
        recipe: the TOML file.
        out: where the generator's folder goes; by default `android_assets/NAME.generator`.
        work: where the stages lie.

    Raises:
        InputError: the recipe has no [generator], `instruct` has not run for a tuned one, something that is
            not ours lies at `out`, there is too little memory or disk, or the model can't be packed.
        GateError: what was packed would not say what the model says.

    """
    project = Project.read(recipe, work=work)
    project.need_generator("pack")
    # Links stay as they are.
    target = Path(os.path.abspath(out)) if out else Path("android_assets", project.recipe.name + SUFFIX)  # noqa: PTH100
    claim(target)
    done = run(project, "pack")
    _publish(done.folder, target)
    return facts_of(done, PackFacts).at(done.folder).model_copy(update={"out": out or str(target)})


def _publish(made: Path, target: Path) -> None:
    wanted = {name: files.sha256(made / name) for name in FILES}
    sums = "".join(f"{digest}  {name}\n" for name, digest in sorted(wanted.items()))
    if target.is_dir() and files.digests(target) == {**wanted, SUMS: files.text_sha256(sums)}:
        return
    with files.new_folder(target) as fresh:
        for name in FILES:
            shutil.copyfile(made / name, fresh / name)
        (fresh / SUMS).write_text(sums, "utf-8")
    status(f"published {target}")
