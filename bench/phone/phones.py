"""Measuring phones of every kind, and what a report keeps of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from pocketrag.formats.facts.measures import CosineOfTexts
from pocketrag.formats.facts.phone.device import DeviceFacts, Repeated
from pocketrag.formats.golden import Golden, unpack
from pocketrag.formats.manifest import Manifest
from pocketrag.runtime import ranking

from .benchmark_model import Timing
from .kinds import kind_of
from .phone_run import Asked, Run, shares
from .steadiness import noisy, throttled


@dataclass(frozen=True)
class Phone:
    """What one device gave, and what it is held to."""

    run: Run
    manifest: Manifest
    """Its `limits` are what the gates compare with."""
    golden: Golden


@dataclass(frozen=True)
class Phones:
    """All devices that were measured."""

    measured: list[Phone]
    facts: list[DeviceFacts]
    """In the same order."""


def measure_phones(asked: Asked, bundle: Path, manifest: Manifest, golden: Golden) -> Phones:
    """Measure the devices that are asked for.

    Args:
        asked: which ones, and with what.
        bundle: a bundle whose digests are known to be right.
        manifest: its manifest.
        golden: its golden texts, whose token ids are the input and whose `shipped` vectors are what the
            device must give.

    Raises:
        InputError: what `kinds` names in `ready`. What goes wrong on a device is an outcome.

    """
    kind = kind_of(asked.device)
    kind.ready(asked)
    return as_phones(kind.measure(asked, bundle, manifest.embedder, golden), manifest, golden)


def as_phones(runs: Sequence[Run], manifest: Manifest, golden: Golden) -> Phones:
    """Return what devices gave, with what they are held to."""
    phones = [Phone(run, manifest, golden) for run in runs]
    return Phones(phones, [_facts(one) for one in phones])


def _facts(phone: Phone) -> DeviceFacts:
    run, lengths = phone.run, phone.manifest.embedder.lengths
    average = mean(run, phone.manifest, phone.golden)
    return DeviceFacts(
        serial=run.attached.serial,
        accelerator=run.accelerator,
        source=run.source,
        model_sha256=run.model_sha256,
        phone=run.phone,
        before=run.before,
        after=run.after,
        threads=run.threads,
        shares={length: round(share, 4) for length, share in shares(phone.golden, lengths).items()},
        latency_ms={length: _rounded(one) for length, one in run.timings.items()},
        mean_ms=average and round(average, 4),
        fewer_threads={threads: _rounded(one) for threads, one in run.fewer.items()},
        again=_rounded(run.again) if run.again else None,
        throttled=throttled(run),
        noisy=noisy(run),
        memory_mb={length: value and round(value, 1) for length, value in run.memory.items()},
        weights_shared=run.shared,
        parity=_similar(phone),
        trouble=str(run.trouble) if run.trouble else None,
        benchmark_model=run.program,
    )


def cosines(run: Run, manifest: Manifest, golden: Golden) -> np.ndarray | None:
    """Return the cosine of every golden text to the shipped model's vector, float [n].

    -1 for a vector of another size.
    """
    if run.vectors is None:
        return None
    dims = manifest.embedder.dims
    wanted = {n: unpack(golden.texts[n].shipped, dims) for n in run.vectors}
    pairs = [(vector, wanted[n]) for n, vector in run.vectors.items()]
    return np.array(
        [ranking.cosine(found, right) if found.shape == (dims,) else -1.0 for found, right in pairs]
    )


def mean(run: Run, manifest: Manifest, golden: Golden) -> float | None:
    """Return the milliseconds of a question.

    Each length's mean, weighted by how many golden questions take it.
    """
    if not run.lengths or set(run.timings) != set(run.lengths):
        return None
    if run.lengths != manifest.embedder.lengths:
        return run.timings[run.lengths[-1]].avg
    return sum(share * run.timings[length].avg for length, share in shares(golden, run.lengths).items())


def _similar(phone: Phone) -> CosineOfTexts | None:
    found = cosines(phone.run, phone.manifest, phone.golden)
    if found is None:
        return None
    return CosineOfTexts(n=len(found), mean=round(float(found.mean()), 6), least=round(float(found.min()), 6))


def _rounded(one: Timing) -> Repeated:
    rounded = {
        key: round(value, 4) if isinstance(value, float) else value for key, value in asdict(one).items()
    }
    return Repeated.model_validate(rounded)
