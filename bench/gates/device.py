"""The gates that only a phone can show.

Parity, latency and memory on attached phones, on hosted ones, and in files that others sent in
(docs/device.md).
"""

from __future__ import annotations

import numpy as np

from pocketrag.formats.facts.outcome import Outcome
from pocketrag.formats.gate import FAIL, UNCHECKED, at_least, at_most, failed, unchecked
from pocketrag.formats.golden import Golden
from pocketrag.formats.manifest import Manifest
from pocketrag.formats.tokenizer import shortest

from ..phone.accelerators import GPUS
from ..phone.adb import DeviceError
from ..phone.phone_run import THREADS, Run
from ..phone.phones import Phone, cosines, mean
from ..phone.steadiness import caveats, throttled
from .limits import LEAST_LENGTH_COSINE, elsewhere

#: Kinds of trouble that fail a gate. All else is unchecked: it says nothing about the bundle.
KILLED, CRASHED = "killed", "crashed"
#: Who measured -> why there are no vectors.
NO_VECTORS = {
    "adb": "this benchmark_model (CompiledModel's) takes no input files; the Interpreter's "
    "android_aarch64_benchmark_model does",
    "ddp": "LiteRT-CLI gives a hosted device no texts and brings no vectors back; a phone at a cable does",
    "sent": "a file of results holds no vectors; a phone at a cable gives them",
}


def parity(phone: Phone) -> Outcome:
    """Hold the vectors that the device computed to the shipped ones."""
    found = _said(phone.run, _parity(phone.run, phone.manifest, phone.golden))
    # A wrong vector is wrong anywhere.
    return found if found.outcome == FAIL else _as_evidence(phone.run, found)


def latency(phone: Phone) -> Outcome:
    """Hold the milliseconds of a question to the recipe's limit."""
    return _as_evidence(phone.run, _said(phone.run, _latency(phone.run, phone.manifest, phone.golden)))


def memory(phone: Phone) -> Outcome:
    """Hold the memory of one length to the recipe's limit."""
    return _as_evidence(phone.run, _said(phone.run, _memory(phone.run, phone.manifest)))


def _said(run: Run, found: Outcome) -> Outcome:
    note = f"; {run.left} could not be removed from the device, the next run does it" if run.left else ""
    sent = ", sent in by others and not measured by us" if run.source == "sent" else ""
    # adb's messages name the serial, and so does the detail.
    detail = f"{run.name}{sent}: {found.detail.removeprefix(f'{run.attached.serial}: ')}{note}"
    return found.model_copy(update={"detail": detail, "device": run.attached.serial})


def _as_evidence(run: Run, found: Outcome) -> Outcome:
    # What is beyond doubt only for this model on a phone decides nothing otherwise.
    if not (doubts := _doubts(run)):
        return found
    return found.model_copy(update={"outcome": UNCHECKED, "detail": "; ".join([found.detail, *doubts])})


def _doubts(run: Run) -> list[str]:
    sent = run.source == "sent"
    said = {
        "an Android emulator, not a phone": run.phone.emulated,
        "a hosted device: neither its threads nor whether it is a real phone are told": run.source == "ddp",
        "the file holds no SHA-256 of the model": sent and run.model_sha256 is None,
        "the file does not say which phone it was": sent and run.phone.model is None,
        f"it ran with {run.threads or 'an unknown number of'} threads, not {THREADS}": (
            sent and run.threads != THREADS
        ),
    }
    return [words for words, true in said.items() if true]


def _parity(run: Run, manifest: Manifest, golden: Golden) -> Outcome:
    found = cosines(run, manifest, golden)
    if found is None:
        able = run.source == "adb" and (run.able is None or run.able.files)
        return _not_reached(run, CRASHED, "" if able else NO_VECTORS[run.source])
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
    limit, average = manifest.limits.latency_ms, mean(run, manifest, golden)
    if average is None:
        return _not_reached(run)
    parts = ", ".join(f"embed_{length} {one.avg:.2f} ms" for length, one in run.timings.items())
    threads = f"{run.threads or 'an unknown number of'} threads"
    detail = f"{average:.2f} ms, mean over the lengths of real questions, {threads}, {parts}{caveats(run)}"
    if run.lengths != manifest.embedder.lengths:
        detail = (
            f"{parts}, {threads}{caveats(run)}; this benchmark_model knows no signatures, and "
            "shorter lengths are faster"
        )
        if average > limit:
            return unchecked(f"{detail}, so it does not tell whether their mean is within {limit:g} ms")
    found = at_most(average, limit, detail)
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
    detail = f"{max(measured):.1f} MB at most while one length runs, {run.program.runtime or ''}, {how}"
    if run.accelerator in GPUS:
        return unchecked(
            f"{max(measured):.1f} MB of the process at most while one length runs; what the "
            f"{run.accelerator.upper()}'s driver holds is not counted"
        )
    return at_most(max(measured), manifest.limits.memory_megabytes, detail)


def _not_reached(run: Run, fails: str | None = None, why: str = "") -> Outcome:
    trouble = run.trouble or DeviceError("answer", why or "it was not reached")
    return failed(str(trouble)) if trouble.kind == fails else unchecked(str(trouble))
