"""The gates that only a phone can show.

Parity, latency and memory on devices that are attached over `adb` (docs/device.md).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from pocketrag.formats import files
from pocketrag.formats.facts.measures import CosineOfTexts
from pocketrag.formats.facts.outcome import Outcome
from pocketrag.formats.facts.phone.device import Accelerator, BenchmarkModel, DeviceFacts, Repeated
from pocketrag.formats.gate import FAIL, UNCHECKED, at_least, at_most, failed, unchecked
from pocketrag.formats.golden import Golden, unpack
from pocketrag.formats.manifest import Manifest
from pocketrag.formats.tokenizer import shortest
from pocketrag.runtime import ranking

from ..phone.accelerators import CPU, GPUS
from ..phone.adb import Adb, DeviceError
from ..phone.benchmark_model import Timing, check_binary
from ..phone.measure import THREADS, Run, measure, shares
from ..phone.steadiness import caveats, noisy, throttled
from .limits import LEAST_LENGTH_COSINE, elsewhere

#: Kinds of trouble that fail a gate. All else is unchecked: it says nothing about the bundle.
KILLED, CRASHED = "killed", "crashed"


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


def measure_phones(
    bundle: Path,
    manifest: Manifest,
    golden: Golden,
    serial: str,
    binary: Path | None,
    adb: Adb | None = None,
    accelerator: Accelerator = CPU,
) -> Phones:
    """Measure the devices that `serial` means (one, `all`, or "" for the only one).

    Args:
        bundle: a bundle whose digests are known to be right.
        manifest: its manifest.
        golden: its golden texts, whose token ids are the input and whose `shipped` vectors are what the
            device must give.
        serial: `--device`.
        binary: `--benchmark-binary`.
        adb: the program, found on the PATH by default.
        accelerator: what is to compute there.

    Raises:
        InputError: no adb, no such device, or no benchmark_model for arm64. What goes wrong on a device is an
            outcome.

    """
    program = check_binary(binary)
    adb = adb or Adb()
    runs = [
        measure(adb, attached, bundle, manifest.embedder, golden, program, accelerator)
        for attached in adb.choose(serial)
    ]
    phones = [Phone(run, manifest, golden) for run in runs]
    return Phones(phones, [_facts(one, program) for one in phones])


def parity(phone: Phone) -> Outcome:
    """Hold the vectors that the device computed to the shipped ones."""
    found = _said(phone.run, _parity(phone.run, phone.manifest, phone.golden))
    # A wrong vector is wrong anywhere.
    return found if found.outcome == FAIL else _no_phone(phone.run, found)


def latency(phone: Phone) -> Outcome:
    """Hold the milliseconds of a question to the recipe's limit."""
    return _no_phone(phone.run, _said(phone.run, _latency(phone.run, phone.manifest, phone.golden)))


def memory(phone: Phone) -> Outcome:
    """Hold the memory of one length to the recipe's limit."""
    return _no_phone(phone.run, _said(phone.run, _memory(phone.run, phone.manifest)))


def _said(run: Run, found: Outcome) -> Outcome:
    note = f"; {run.left} could not be removed from the device, the next run does it" if run.left else ""
    # adb's messages name the serial, and so does the detail.
    detail = f"{run.name}: {found.detail.removeprefix(f'{run.attached.serial}: ')}{note}"
    return found.model_copy(update={"detail": detail, "device": run.attached.serial})


def _no_phone(run: Run, found: Outcome) -> Outcome:
    # What an emulator shows beyond vectors is not evidence for a phone.
    if not run.phone.emulated:
        return found
    return found.model_copy(
        update={"outcome": UNCHECKED, "detail": f"{found.detail}; an Android emulator, not a phone"}
    )


def _facts(phone: Phone, program: Path) -> DeviceFacts:
    run, lengths = phone.run, phone.manifest.embedder.lengths
    mean = _mean(run, phone.manifest, phone.golden)
    return DeviceFacts(
        serial=run.attached.serial,
        accelerator=run.accelerator,
        phone=run.phone,
        before=run.before,
        after=run.after,
        threads=THREADS,
        shares={length: round(share, 4) for length, share in shares(phone.golden, lengths).items()},
        latency_ms={length: _rounded(one) for length, one in run.timings.items()},
        mean_ms=mean and round(mean, 4),
        fewer_threads={threads: _rounded(one) for threads, one in run.fewer.items()},
        again=_rounded(run.again) if run.again else None,
        throttled=throttled(run),
        noisy=noisy(run),
        memory_mb={length: value and round(value, 1) for length, value in run.memory.items()},
        weights_shared=run.shared,
        parity=_similar(phone),
        trouble=str(run.trouble) if run.trouble else None,
        benchmark_model=_program(run, program),
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


def _parity(run: Run, manifest: Manifest, golden: Golden) -> Outcome:
    found = cosines(run, manifest, golden)
    if found is None:
        reason = (
            "this benchmark_model (CompiledModel's) takes no input files; the Interpreter's "
            "android_aarch64_benchmark_model does"
        )
        return _not_reached(run, CRASHED, "" if run.able is None or run.able.files else reason)
    broken = sum(
        one.shape != (manifest.embedder.dims,) or not np.isfinite(one).all()
        for one in (run.vectors or {}).values()
    )
    detail = f"mean {found.mean():.5f}, {len(found)} golden texts" + (
        f", {broken} with NaN or another size" if broken else ""
    )
    least = f"least cosine to the shipped vectors {found.min():.5f}"
    own = all(
        shortest(manifest.embedder.lengths, len(golden.texts[n].ids)) == length
        for n, length in run.through.items()
    )
    wanted = elsewhere(manifest.embedder.quantization)
    if own and found.min() >= wanted.least:
        return at_least(found.mean(), wanted.mean, f"mean cosine to the shipped vectors, {least}, {detail}")
    if own:
        return at_least(found.min(), wanted.least, f"{least}, {detail}")
    # Through another length than its own a text's vector is only about the same (computation.lengths).
    detail = f"{detail}, all through embed_{run.lengths[-1]}: this benchmark_model knows no signatures"
    if not found.min() >= LEAST_LENGTH_COSINE:
        return at_least(found.min(), LEAST_LENGTH_COSINE, f"{least}, {detail}")
    return unchecked(f"{least}, {detail}; the other lengths did not run")


def _latency(run: Run, manifest: Manifest, golden: Golden) -> Outcome:
    limit, mean = manifest.limits.latency_ms, _mean(run, manifest, golden)
    if mean is None:
        return _not_reached(run)
    parts = ", ".join(f"embed_{length} {one.avg:.2f} ms" for length, one in run.timings.items())
    detail = (
        f"{mean:.2f} ms, mean over the lengths of real questions, {THREADS} threads, {parts}{caveats(run)}"
    )
    if run.lengths != manifest.embedder.lengths:
        detail = (
            f"{parts}, {THREADS} threads{caveats(run)}; this benchmark_model knows no signatures, and "
            "shorter lengths are faster"
        )
        if mean > limit:
            return unchecked(f"{detail}, so it does not tell whether their mean is within {limit:g} ms")
    found = at_most(mean, limit, detail)
    hot = found.outcome == FAIL and throttled(run)
    return (
        found.model_copy(update={"detail": f"{found.detail}; let it cool and measure again"})
        if hot
        else found
    )


def _memory(run: Run, manifest: Manifest) -> Outcome:
    measured = [value for value in run.memory.values() if value is not None]
    complete = bool(run.lengths) and set(run.memory) == set(run.lengths)
    if not complete or not measured:
        return _not_reached(run, KILLED, "this benchmark_model prints no memory" if complete else "")
    how = (
        "one packed copy of the weights"
        if run.shared
        else "weights packed anew for every length: this version knows no cache"
    )
    detail = (
        f"{max(measured):.1f} MB at most while one length runs, {run.able.runtime if run.able else ''}, {how}"
    )
    if run.accelerator in GPUS:
        return unchecked(
            f"{max(measured):.1f} MB of the process at most while one length runs; what the "
            f"{run.accelerator.upper()}'s driver holds is not counted"
        )
    return at_most(max(measured), manifest.limits.memory_megabytes, detail)


def _not_reached(run: Run, fails: str | None = None, why: str = "") -> Outcome:
    trouble = run.trouble or DeviceError("answer", why or "it was not reached")
    return failed(str(trouble)) if trouble.kind == fails else unchecked(str(trouble))


def _mean(run: Run, manifest: Manifest, golden: Golden) -> float | None:
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


def _program(run: Run, file: Path) -> BenchmarkModel:
    able = run.able
    return BenchmarkModel(
        sha256=files.sha256(file),
        runtime=able.runtime if able else None,
        signatures=able.signatures if able else None,
        input_files=able.files if able else None,
    )


def _rounded(one: Timing) -> Repeated:
    rounded = {
        key: round(value, 4) if isinstance(value, float) else value for key, value in asdict(one).items()
    }
    return Repeated.model_validate(rounded)
