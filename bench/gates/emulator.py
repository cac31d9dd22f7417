"""Does the bundle's model compute on ARM what it computed where it was built?

The real arm64 LiteRT says, under qemu.

The first core of the table decides, the others inform: their rows are in the facts and in the detail, and
fail nothing. How long anything took is not even kept: an emulator's time says nothing of a phone's
(docs/emulator.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pocketrag.errors import InputError
from pocketrag.formats.embedder.embedder_spec import EmbedderSpec
from pocketrag.formats.facts.base import or_nan
from pocketrag.formats.facts.outcome import Outcome
from pocketrag.formats.facts.phone.emulator import CpuFacts, EmulatorFacts
from pocketrag.formats.gate import at_least, failed, unchecked
from pocketrag.formats.golden import TOP, Golden, Text, unpack
from pocketrag.formats.layout import DATABASE, GOLDEN, MODEL
from pocketrag.formats.manifest import Manifest
from pocketrag.formats.tokenizer import padded, shortest
from pocketrag.runtime.corpora import open_corpus
from pocketrag.runtime.ranking import cosine
from pocketrag.sampling import spread

from ..emulator.contents import LITERT, Root, find_root
from ..emulator.cores import CORES, Core
from ..emulator.execute import Job, Ran, RefusedError, StoppedError, run_jobs
from .limits import LEAST_LENGTH_COSINE, agreement, elsewhere, hold

#: Texts that go through every length that holds them, on the core that decides.
THROUGH_ALL = 4
#: Texts, evenly spread, for a core that only informs.
INFORMING = 12


@dataclass(frozen=True)
class Plan:
    """Which texts go through which length."""

    texts: tuple[Text, ...]
    """Each once, through the shortest length that holds it."""
    again: tuple[tuple[int, int], ...]
    """(place of a text, longer length): some texts that fit the shortest length, through the rest."""
    jobs: tuple[Job, ...]
    """The token ids of `texts`, then of `again`."""


@dataclass(frozen=True)
class Emulated:
    """What the emulated cores gave."""

    manifest: Manifest
    facts: EmulatorFacts
    trouble: Outcome | None = None
    """What every gate says where the core that decides gave nothing."""

    @property
    def found(self) -> CpuFacts:
        """The row of the core that decides."""
        return next(row for row in self.facts.cpus if row.decides)

    @property
    def where(self) -> str:
        """On what the core that decides ran."""
        return _where(self.found, self.facts)


def measure_cores(bundle: Path, manifest: Manifest, golden: Golden) -> Emulated:
    """Run the golden texts through the model on every emulated core.

    Where there is no arm64 root, or the emulator broke off, the gates are unchecked; where LiteRT refuses the
    model they fail.

    Args:
        bundle: its folder; digests were checked before.
        manifest: its manifest; `tools` says which LiteRT the export used, and that one is emulated.
        golden: its golden texts.

    """
    wanted = manifest.tools.get("ai-edge-litert", LITERT)
    try:
        root = find_root(wanted)
    except InputError as error:
        return Emulated(
            manifest, EmulatorFacts(export_litert=wanted, qemu=None, cpus=()), unchecked(str(error))
        )
    facts = EmulatorFacts(export_litert=wanted, qemu=root.facts["qemu"], cpus=())
    try:
        rows = [_row(root, core, bundle, manifest, plan(golden, manifest.embedder, core)) for core in CORES]
    except InputError as error:  # the bundle's own files
        return Emulated(manifest, facts, failed(str(error)))
    return Emulated(
        manifest, facts.model_copy(update={"cpus": tuple(row.facts for row in rows)}), _trouble(rows, facts)
    )


def parity(run: Emulated) -> Outcome:
    """Hold every golden text to the shipped model's vector."""
    limit = elsewhere(run.manifest.embedder.quantization)
    shipped = hold(run.found.least, run.found.mean, limit, "cosine to shipped", _texts(run))
    others = "".join(_aside(row) for row in run.facts.cpus if not row.decides)
    return shipped.model_copy(update={"detail": shipped.detail + others})


def to_reference(run: Emulated) -> Outcome:
    """Hold every golden text to the float model's vector."""
    wanted = agreement(run.manifest.embedder.quantization, run.manifest.limits)
    return hold(run.found.twin_least, run.found.twin_mean, wanted, "cosine to float32", _texts(run))


def lengths(run: Emulated) -> Outcome:
    """Hold one text through two lengths to one vector."""
    return _or_unchecked(
        run.found.lengths_least, LEAST_LENGTH_COSINE, f"{run.where}: least cosine of one text in two lengths"
    )


def ranking(run: Emulated) -> Outcome:
    """Hold the passages that the golden questions find by vectors alone to the golden ones."""
    asked = f"{run.where}, {run.found.questions} questions"
    detail = f"{asked}: mean top-{TOP} overlap with the golden ranking, dense"
    return _or_unchecked(run.found.overlap, elsewhere(run.manifest.embedder.quantization).overlap, detail)


@dataclass(frozen=True)
class Row:
    """What one core gave."""

    facts: CpuFacts
    trouble: StoppedError | RefusedError | None = None


def plan(golden: Golden, spec: EmbedderSpec, core: Core) -> Plan:
    """Return what a core is asked: every golden text, some of them through every length.

    Less where it only informs.

    Raises:
        InputError: there is no text, or one is longer than the longest length.

    """
    lengths = spec.lengths
    if not golden.texts or max(len(text.ids) for text in golden.texts) > lengths[-1]:
        raise InputError(f"{GOLDEN}: holds no text, or one of more than {lengths[-1]} tokens.")
    texts = tuple(golden.texts if core.decides else spread(golden.texts, INFORMING))
    own = [shortest(lengths, len(text.ids)) for text in texts]
    fit_all = [i for i, length in enumerate(own) if length == min(own)] if core.decides else []
    again = tuple((i, length) for i in spread(fit_all, THROUGH_ALL) for length in lengths if length > own[i])
    asked = [*zip(texts, own, strict=True), *((texts[i], length) for i, length in again)]
    return Plan(texts, again, tuple(padded(text.ids, size, spec.tokenizer.pad) for text, size in asked))


def _row(root: Root, core: Core, bundle: Path, manifest: Manifest, asked: Plan) -> Row:
    facts = CpuFacts(
        cpu=core.name,
        decides=core.decides,
        kernels=core.kernels,
        litert=root.facts["litert"],
        n=len(asked.texts),
        problem=None,
    )
    try:
        ran = run_jobs(root, core, bundle / MODEL, asked.jobs)
    except (StoppedError, RefusedError) as error:
        return Row(facts.model_copy(update={"problem": str(error)}), error)
    dims = manifest.embedder.dims
    if ran.vectors.shape[1] != dims:
        problem = f"vectors of {ran.vectors.shape[1]} numbers, expected {dims}"
        return Row(facts.model_copy(update={"problem": problem}), RefusedError(problem))
    return Row(_figures(facts, ran, bundle, manifest, asked))


def _figures(facts: CpuFacts, ran: Ran, bundle: Path, manifest: Manifest, asked: Plan) -> CpuFacts:
    vectors, longer = ran.vectors[: len(asked.texts)], ran.vectors[len(asked.texts) :]
    dims = manifest.embedder.dims
    shipped = _cosines(vectors, [unpack(text.shipped, dims) for text in asked.texts])
    reference = _cosines(vectors, [unpack(text.twin, dims) for text in asked.texts])
    lengths = _cosines(longer, [vectors[i] for i, _ in asked.again])
    shares = _shares(vectors, bundle, manifest, asked)
    return CpuFacts(
        **{
            **dict(facts),
            "litert": ran.facts["litert"],
            "runtime": ran.facts["runtime"],
            "mean": _rounded(shipped.mean()),
            "least": _rounded(shipped.min()),
            "twin_mean": _rounded(reference.mean()),
            "twin_least": _rounded(reference.min()),
            "lengths_least": _rounded(lengths.min()) if len(lengths) else None,
            "overlap": _rounded(np.mean(shares)) if shares else None,
            "questions": len(shares),
        }
    )


def _shares(vectors: np.ndarray, bundle: Path, manifest: Manifest, asked: Plan) -> list[float]:
    # Of each question, how many of its golden top passages are found; a vector that is not finite finds none.
    corpus = open_corpus(manifest.name, bundle / DATABASE, manifest.vectors_model_id, manifest.embedder.dims)
    try:
        return [
            len(set(text.top["dense"]) & {id_ for id_, _ in corpus.vectors.nearest(vector, TOP)})
            / len(text.top["dense"])
            if np.isfinite(vector).all() and vector.any()
            else 0.0
            for vector, text in zip(vectors, asked.texts, strict=True)
            if text.question and text.top.get("dense")
        ]
    finally:
        corpus.database.close()


def _trouble(rows: list[Row], facts: EmulatorFacts) -> Outcome | None:
    decides = next(row for row in rows if row.facts.decides)
    detail = f"{_where(decides.facts, facts)}: {decides.trouble}"
    if isinstance(decides.trouble, StoppedError):
        return unchecked(detail)
    return failed(detail) if decides.trouble else None


def _texts(run: Emulated) -> str:
    return f"{run.where}, {run.found.n} texts: "


def _or_unchecked(value: float | None, limit: float, detail: str) -> Outcome:
    if value is None:
        return unchecked(f"{detail}: the bundle has nothing to compare")
    return at_least(value, limit, detail)


def _where(row: CpuFacts, facts: EmulatorFacts) -> str:
    runtime = f", {row.runtime}" if row.runtime else ""
    versions = f"ai-edge-litert {row.litert} (export: {facts.export_litert})"
    return f"{row.cpu}, qemu {facts.qemu}, {versions}{runtime}"


def _aside(row: CpuFacts) -> str:
    found = row.problem or f"mean {or_nan(row.mean):.4f}, least {or_nan(row.least):.4f}"
    return f"; {row.cpu} informs: {found}"


def _cosines(left: Sequence[np.ndarray] | np.ndarray, right: Sequence[np.ndarray]) -> np.ndarray:
    return np.array([cosine(a, b) for a, b in zip(left, right, strict=True)])


def _rounded(value: Any) -> float:  # noqa: ANN401 - a NumPy scalar
    return round(float(value), 6)
