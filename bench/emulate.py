"""Does the bundle's model compute on ARM what it computed where it was built? The real arm64 LiteRT says, under qemu.

The first core of the table decides, the others inform: their rows are in the facts and in the detail, and fail nothing. How long
anything took is not even kept: an emulator's time says nothing of a phone's (docs/emulator.md).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from pocketrag import ranking
from pocketrag.corpora import open_corpus
from pocketrag.database import DATABASE
from pocketrag.errors import InputError
from pocketrag.golden import GOLDEN, TOP, Golden, Text, unpack
from pocketrag.litert import MODEL
from pocketrag.manifest import Manifest
from pocketrag.spread import spread
from pocketrag.tokens import shortest

from .emulator.contents import LITERT, Root, find
from .emulator.cores import CORES, Core
from .emulator.run import Job, Ran, RefusedError, StoppedError, run
from .limits import LEAST_LENGTH_COSINE, elsewhere, hold, of_bundle
from .outcome import EMULATOR, Outcome, at_least, failed, unchecked

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


def gates(bundle: Path, manifest: Manifest, golden: Golden) -> tuple[list[Outcome], dict[str, Any]]:
    """Run the golden texts through the model on every emulated core.

    Args:
        bundle: its folder; digests were checked before.
        manifest: its manifest; `tools` says which LiteRT the export used, and that one is emulated.
        golden: its golden texts.

    Returns:
        The outcomes `EMULATOR`, all unchecked where there is no arm64 root or the emulator broke off; and facts: `export_litert`,
        `qemu`, and `cpus`, a row a core: `cpu`, `decides`, `kernels`, `litert`, `runtime`, `n`, `mean` and `least` cosine to
        the shipped vectors, `twin_mean`, `twin_least`, `lengths_least`, `overlap` of the `questions` (both least and overlap None
        where there is nothing to compare), `problem` (None, or why there are no figures).

    """
    wanted = manifest.tools.get("ai-edge-litert", LITERT)
    try:
        root = find(wanted)
    except InputError as error:
        return _all(unchecked, str(error)), {"export_litert": wanted, "qemu": None, "cpus": []}
    facts: dict[str, Any] = {"export_litert": wanted, "qemu": root.facts["qemu"], "cpus": []}
    try:
        rows = [_row(root, core, bundle, manifest, plan(golden, manifest.embedder.lengths, core)) for core in CORES]
        facts["cpus"] = [row.facts for row in rows]
        return _judge(rows, manifest, facts), facts
    except InputError as error:  # the bundle's own files
        return _all(failed, str(error)), facts


@dataclass(frozen=True)
class Row:
    """What one core gave."""

    facts: dict[str, Any]
    trouble: StoppedError | RefusedError | None = None


def plan(golden: Golden, lengths: Sequence[int], core: Core) -> Plan:
    """Return what a core is asked: every golden text, some of them through every length; less where it only informs.

    Raises:
        InputError: there is no text, or one is longer than the longest length.

    """
    if not golden.texts or max(len(text.ids) for text in golden.texts) > lengths[-1]:
        raise InputError(f"{GOLDEN}: holds no text, or one of more than {lengths[-1]} tokens.")
    texts = tuple(golden.texts if core.decides else spread(golden.texts, INFORMING))
    own = [shortest(lengths, len(text.ids)) for text in texts]
    fit_all = [i for i, length in enumerate(own) if length == min(own)] if core.decides else []
    again = tuple((i, length) for i in spread(fit_all, THROUGH_ALL) for length in lengths if length > own[i])
    first = [(length, text.ids) for text, length in zip(texts, own, strict=True)]
    return Plan(texts, again, (*first, *((length, texts[i].ids) for i, length in again)))


def _row(root: Root, core: Core, bundle: Path, manifest: Manifest, asked: Plan) -> Row:
    facts = {
        "cpu": core.name,
        "decides": core.decides,
        "kernels": core.kernels,
        "litert": root.facts["litert"],
        "n": len(asked.texts),
    }
    try:
        ran = run(root, core, bundle / MODEL, asked.jobs)
    except (StoppedError, RefusedError) as error:
        return Row({**facts, "problem": str(error)}, error)
    dims = manifest.embedder.dims
    if ran.vectors.shape[1] != dims:
        problem = f"vectors of {ran.vectors.shape[1]} numbers, expected {dims}"
        return Row({**facts, "problem": problem}, RefusedError(problem))
    return Row({**facts, **_measured(ran, bundle, manifest, asked), "problem": None})


def _measured(ran: Ran, bundle: Path, manifest: Manifest, asked: Plan) -> dict[str, Any]:
    vectors, longer = ran.vectors[: len(asked.texts)], ran.vectors[len(asked.texts) :]
    dims = manifest.embedder.dims
    shipped = _cosines(vectors, [unpack(text.shipped, dims) for text in asked.texts])
    twin = _cosines(vectors, [unpack(text.twin, dims) for text in asked.texts])
    lengths = _cosines(longer, [vectors[i] for i, _ in asked.again])
    return {
        "litert": ran.facts["litert"],
        "runtime": ran.facts["runtime"],
        "mean": _rounded(shipped.mean()),
        "least": _rounded(shipped.min()),
        "twin_mean": _rounded(twin.mean()),
        "twin_least": _rounded(twin.min()),
        "lengths_least": _rounded(lengths.min()) if len(lengths) else None,
        **_overlap(vectors, bundle, manifest, asked),
    }


def _overlap(vectors: np.ndarray, bundle: Path, manifest: Manifest, asked: Plan) -> dict[str, Any]:
    corpus = open_corpus(manifest.name, bundle / DATABASE, manifest.model_id, manifest.embedder.dims)
    try:
        shares = [
            len(set(text.top["dense"]) & {id_ for id_, _ in corpus.vectors.nearest(vector, TOP)}) / len(text.top["dense"])
            if np.isfinite(vector).all() and vector.any()
            else 0.0
            for vector, text in zip(vectors, asked.texts, strict=True)
            if text.question and text.top.get("dense")
        ]
    finally:
        corpus.database.close()
    return {"overlap": _rounded(np.mean(shares)) if shares else None, "questions": len(shares)}


def _judge(rows: list[Row], manifest: Manifest, facts: dict[str, Any]) -> list[Outcome]:
    decides = next(row for row in rows if row.facts["decides"])
    where = _where(decides, facts)
    if isinstance(decides.trouble, StoppedError):
        return _all(unchecked, f"{where}: {decides.trouble}")
    if decides.trouble:
        return _all(failed, f"{where}: {decides.trouble}")
    others = "".join(_aside(row) for row in rows if not row.facts["decides"])
    return _verdicts(decides.facts, manifest, where, others)


def _verdicts(found: dict[str, Any], manifest: Manifest, where: str, others: str) -> list[Outcome]:
    parity, twin, lengths, order = EMULATOR
    other, texts = elsewhere(manifest.embedder.quantization), f"{where}, {found['n']} texts: "
    shipped = hold(parity, found["least"], found["mean"], other, "cosine to shipped", texts)
    return [
        replace(shipped, detail=shipped.detail + others),
        hold(twin, found["twin_least"], found["twin_mean"], of_bundle(manifest), "cosine to float32", texts),
        _or_unchecked(lengths, found["lengths_least"], LEAST_LENGTH_COSINE, f"{where}: least cosine of one text in two lengths"),
        _or_unchecked(
            order,
            found["overlap"],
            other.overlap,
            f"{where}, {found['questions']} questions: mean top-{TOP} overlap with the golden ranking, dense",
        ),
    ]


def _or_unchecked(gate: str, value: float | None, limit: float, detail: str) -> Outcome:
    if value is None:
        return unchecked(gate, f"{detail}: the bundle has nothing to compare")
    return at_least(gate, value, limit, detail)


def _where(row: Row, facts: dict[str, Any]) -> str:
    runtime = f", {row.facts['runtime']}" if "runtime" in row.facts else ""
    versions = f"ai-edge-litert {row.facts['litert']} (export: {facts['export_litert']})"
    return f"{row.facts['cpu']}, qemu {facts['qemu']}, {versions}{runtime}"


def _aside(row: Row) -> str:
    found = row.facts["problem"] or f"mean {row.facts['mean']:.4f}, least {row.facts['least']:.4f}"
    return f"; {row.facts['cpu']} informs: {found}"


def _all(outcome: Callable[[str, str], Outcome], detail: str) -> list[Outcome]:
    return [outcome(name, detail) for name in EMULATOR]


def _cosines(left: Sequence[np.ndarray] | np.ndarray, right: Sequence[np.ndarray]) -> np.ndarray:
    return np.array([ranking.cosine(a, b) for a, b in zip(left, right, strict=True)])


def _rounded(value: Any) -> float:  # noqa: ANN401 - a NumPy scalar
    return round(float(value), 6)
