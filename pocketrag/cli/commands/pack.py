"""`pocketrag pack`: a language model as one file that LiteRT-LM runs, published beside the bundle."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from pocketrag.errors import GateError, PocketragError
from pocketrag.formats import files
from pocketrag.formats.facts.exam import ExamFacts, ExamProof
from pocketrag.formats.facts.generator import PackFacts
from pocketrag.formats.generator import MODEL, SUFFIX, claim
from pocketrag.formats.generator.publish import publish
from pocketrag.pipeline.project import Project
from pocketrag.pipeline.run import find, run
from pocketrag.pipeline.source import ships
from pocketrag.pipeline.stage import facts_of


def pack(recipe: str, *, out: str | None = None, again: bool = False, work: str = "work") -> PackFacts:
    """Pack the recipe's generator, and put it beside the bundle.

    Args:
        recipe: the TOML file.
        out: where the generator's folder goes; by default `android_assets/NAME.generator`.
        again: pack a second time, in a process of its own, and compare the bytes.
        work: where the stages lie.

    Raises:
        InputError: the recipe has no [generator], `instruct` has not run for a tuned one, something that is
            not ours lies at `out`, there is too little memory or disk, or the model can't be packed.
        GateError: what was packed would not say what the model says, or packing again gives other bytes.

    """
    project = Project.read(recipe, work=work)
    project.need_generator("pack")
    # Links stay as they are.
    target = Path(os.path.abspath(out)) if out else Path("android_assets", project.recipe.name + SUFFIX)  # noqa: PTH100
    claim(target)
    done = run(project, "pack")
    if again:
        _compare(recipe, done.folder / MODEL)
    publish(done.folder, target, proof_of(project))
    found = facts_of(done, PackFacts).at(done.folder)
    return found.model_copy(update={"out": out or str(target), **({"again": "same"} if again else {})})


def proof_of(project: Project) -> ExamProof | None:
    """Return what the last exam said of what is packed now, None where it was of anything else."""
    try:
        found = find(project, "exam", ships(project))
    except PocketragError:  # the bundle's model was not judged, or may not ship
        return None
    return facts_of(found, ExamFacts).proof if found else None


def _compare(recipe: str, first: Path) -> None:
    with tempfile.TemporaryDirectory(dir=first.parent.parent) as aside:
        second = Path(aside, "again")
        options = ["--work", str(Path(aside, "work")), "--out", str(second)]
        command = [sys.executable, "-m", "pocketrag.cli", "pack", recipe, *options]
        done = subprocess.run(command, stdout=subprocess.DEVNULL, check=False)  # noqa: S603 - our own
        if done.returncode:
            raise GateError("packing again failed, as it said above; nothing was published.")
        if files.sha256(second / MODEL) != files.sha256(first):
            raise GateError(f"{first}: packing again gave other bytes; nothing was published.")
