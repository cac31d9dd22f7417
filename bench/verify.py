"""`pocketrag verify`: every gate on a bundle, without torch.

What can't be measured here is `unchecked`, never a pass.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from pocketrag.errors import InputError
from pocketrag.formats import bundle_report, files
from pocketrag.formats.environment import environment
from pocketrag.formats.facts.outcome import GateFacts
from pocketrag.formats.facts.verify import Purpose, VerifyFacts, VerifySection
from pocketrag.formats.gate import exit_code, hold_back, named, unchecked
from pocketrag.formats.generator import beside
from pocketrag.formats.manifest import MANIFEST, SUMS
from pocketrag.formats.npu import npu_beside
from pocketrag.pipeline.stage import Job
from pocketrag.reference.float_vectors import PASSAGES, read_vectors
from pocketrag.runtime.npu.emulate import obstacle

from .gates import prediction
from .gates.earlier import with_earlier
from .gates.examined import Examined, Means
from .gates.junit import junit as as_junit
from .gates.markdown import summary as as_summary
from .gates.run import examine, measure
from .gates.standing import standing
from .gates.table import of_family, required

#: Where GitHub Actions wants a step's summary.
STEP_SUMMARY = "GITHUB_STEP_SUMMARY"


def verify(
    bundle: str,
    *,
    purpose: Purpose = "build",
    embedder: str | None = None,
    emulator: bool = False,
    device: str | None = None,
    benchmark_binary: str | None = None,
    predict: bool = False,
    junit: str | None = None,
    summary: str | None = None,
) -> VerifyFacts:
    """Run every gate, and keep what they found in the report beside the bundle.

    What an earlier run measured on the same bundle, and this one was not asked for, is in the facts too, each
    outcome with when it was measured; a failure among them is one.

    Args:
        bundle: the folder of a bundle.
        purpose: "build" requires what this machine can measure, "release" the gates on a device too.
        embedder: the float embedder, to compare with on all texts; needs torch.
        emulator: run the model on emulated ARM kernels.
        device: the serial of an attached phone, "all", or "ddp:NAME", a hosted device.
        benchmark_binary: LiteRT's `benchmark_model` for arm64, which runs on the phone.
        predict: say what phones would probably take; that is never a pass.
        junit: write the gates as JUnit XML to this file.
        summary: append the gates as Markdown to this file; by default to the one that GitHub Actions names.

    Raises:
        InputError: there is no bundle at `bundle`, or one of the means is not there.

    """
    means = Means(embedder, emulator, device, benchmark_binary, predict=predict)
    places = [Path(place) for place in (junit, summary) if place]
    if missing := [place for place in places if not place.absolute().parent.is_dir()]:
        raise InputError(f"{missing[0]}: its folder does not exist; make it first.")
    means.ready()
    facts = check_bundle(bundle, purpose, means)
    _keep(Path(bundle), facts, junit, summary or os.environ.get(STEP_SUMMARY))
    return facts


def check_bundle(bundle: str, purpose: Purpose = "build", means: Means = Means()) -> VerifyFacts:  # noqa: B008 - frozen
    """Run every gate and return what they found; nothing is written.

    Raises:
        InputError: there is no bundle at `bundle`, or one of the means is not there.

    """
    folder = Path(bundle)
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder. Build a bundle with `pocketrag build RECIPE`.")
    if not any((folder / name).exists() for name in (MANIFEST, SUMS)):
        raise InputError(f"{folder}: not a bundle, it holds neither {MANIFEST} nor {SUMS}.")
    means = replace(
        means,
        generator=beside(folder) if files.is_there(beside(folder)) else None,
        npu=means.npu or (npu_beside(folder) if files.is_there(npu_beside(folder)) else None),
    )
    outcomes, sections = _examined(folder, means)
    code = exit_code(outcomes, required(purpose, means.given, folder))
    found = {"bundle": str(folder), "for": purpose, "exit": code, "gates": outcomes, **sections}
    whole = with_earlier(VerifyFacts.model_validate(found), folder, folder, means.given)
    return whole.model_copy(update={"standing": standing(whole.gates, folder)})


def check_npu(bundle: Path, npu: Path) -> VerifyFacts:
    """Run the gates of NPU files alone, on files that belong to a bundle; nothing is written.

    Raises:
        InputError: the bundle can't be opened.

    """
    examined = Examined(bundle, Means(npu=npu))
    try:
        outcomes, sections = measure("npu", examined), examined.sections
    finally:
        examined.close()
    code = exit_code(outcomes, required("build", examined.means.given, bundle))
    found = {"bundle": str(bundle), "for": "build", "exit": code, "gates": outcomes, **sections}
    return VerifyFacts.model_validate(found)


def verified(job: Job) -> VerifySection:
    """Run the gates on the bundle that a build has packed.

    Raises:
        GateError, UncheckedError: a required gate failed or could not be checked; nothing is kept of that.

    """
    bundle = job.inputs["bundle"].folder / job.recipe.name
    npu = job.inputs["npu"].folder if "npu" in job.inputs else None
    facts = check_bundle(str(bundle), means=Means(base=_base(job), npu=npu))
    if job.recipe.export.npu and npu is None:
        facts = facts.model_copy(update={"gates": _without_npu(facts)})
    hold_back(facts, f"The bundle stays in {bundle}; nothing was published.")
    # What phones and emulators have shown comes later.
    facts = facts.model_copy(update={"standing": None})
    return facts.into(VerifySection, environment=environment())


def _without_npu(found: VerifyFacts) -> tuple[GateFacts, ...]:
    # Asked for by the recipe, and not made here: that is no skipping.
    why = f"`export.npu`: nothing was compiled: {obstacle() or 'stage npu was not run'}"
    names = of_family("npu")
    return tuple(named(one.gate, unchecked(why)) if one.gate in names else one for one in found.gates)


def _base(job: Job) -> dict[str, np.ndarray] | None:
    # Of a model whose questions alone were tuned, the passages' vectors are the base's.
    if "reference-base" not in job.inputs:
        return None
    vectors = read_vectors(job.inputs["reference-base"].folder, PASSAGES)
    return {p.id: vector for p, vector in zip(job.recipe.data.passages(), vectors, strict=True)}


def _examined(folder: Path, means: Means) -> tuple[list[GateFacts], dict[str, Any]]:
    examined = Examined(folder, means)
    try:
        outcomes, sections = examine(examined), examined.sections
        if not (means.predict and examined.is_open):
            return outcomes, sections
        from .prediction.predict import predict

        predicted = predict(folder)
        return prediction.with_prediction(outcomes, predicted), {**sections, "prediction": predicted}
    finally:
        examined.close()


def _keep(folder: Path, found: VerifyFacts, junit: str | None, summary: str | None) -> None:
    facts = found.as_json()
    apart: dict[str, Any] = {key: facts[key] for key in ("parity", "prediction", "devices") if key in facts}
    sections: dict[str, Any] = {
        "verify": {key: value for key, value in facts.items() if key not in apart},
        **apart,
    }
    bundle_report.write(
        folder, {name: bundle_report.with_environment(name, section) for name, section in sections.items()}
    )
    here = environment().as_json() if junit or summary else {}
    if junit:
        files.write_atomic(Path(junit), as_junit(found, here))
    if summary:
        with Path(summary).open("a", encoding="utf-8") as stream:  # a step's summary is added to
            stream.write(as_summary(found, here))
