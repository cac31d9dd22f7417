"""`pocketrag latency`: how long a bundle takes on this machine, and how much memory.

On a phone, or predicted, where asked.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from pocketrag import console
from pocketrag.errors import InputError
from pocketrag.formats import bundle_report
from pocketrag.formats.bundle_check import checked
from pocketrag.formats.data import beir
from pocketrag.formats.facts.outcome import GateFacts
from pocketrag.formats.facts.phone.device import Accelerator, DeviceFacts
from pocketrag.formats.facts.phone.latency import LatencyFacts, RunFacts, Start
from pocketrag.formats.gate import exit_code
from pocketrag.formats.golden import read_golden
from pocketrag.formats.layout import GOLDEN
from pocketrag.runtime.embedder import cores
from pocketrag.sampling import spread

from .gates.examined import Examined, Means
from .gates.run import measure
from .gates.table import required
from .phone.accelerators import CPU
from .timing.noise import judge_quietness, notes, ragged
from .timing.own_process import own_process
from .timing.probe import RUNTIMES, Probed

#: As many as a phone's big cores, and fewer.
THREADS = (1, 2, 4)
#: Of the real distribution.
QUESTIONS = 100


def latency(
    bundle: str,
    *,
    threads: list[int] | None = None,
    runtime: str | None = None,
    queries: str | None = None,
    repeats: int = 30,
    device: str | None = None,
    benchmark_binary: str | None = None,
    accelerator: Accelerator = CPU,
    results: list[str] | None = None,
    predict: bool = False,
) -> LatencyFacts:
    """Time a bundle on this machine: by length, and over real questions, from opening to the whole answer.

    Every combination of runtime and threads is measured in processes of its own: one that starts cold (the
    files are dropped from the system's cache first), one that starts warm and repeats.

    Args:
        bundle: the folder of a bundle.
        threads: numbers of threads (default: 1, 2, 4).
        runtime: "compiled" (LiteRT's CompiledModel) or "classic" (its Interpreter); both by default.
        queries: questions, BEIR layout; by default the bundle's golden ones.
        repeats: most runs of each length.
        device: the serial of an attached phone, "all", or "ddp:NAME", a hosted device: measured there
            instead.
        benchmark_binary: LiteRT's `benchmark_model` for arm64.
        accelerator: what computes on the phone: "cpu", "gpu" (the whole model), each in float32 or with
            "-fp16", or "npu", which no benchmark_model measures, so that its gates are unchecked.
        results: files of results that others made on their phones and sent in: taken into the report instead.
        predict: predict phones instead.

    Raises:
        InputError: it is not a bundle, a file was changed, a number is below 1, there is no such device, or a
            file of results is none or of another model.

    """
    folder = Path(bundle)
    means = Means(device=device, binary=benchmark_binary, accelerator=accelerator)
    means.ready()
    checked(folder)
    facts = LatencyFacts(bundle=bundle)
    if device or results:
        facts = _phones(facts, folder, means, results or [])
    if predict:
        from .prediction.predict import predict as predicted

        found = predicted(folder)
        facts = facts.model_copy(update={"prediction": found})
        bundle_report.record(folder, "prediction", found)
    if not (device or results or predict):
        facts = _here(
            bundle, threads or list(THREADS), [runtime] if runtime else list(RUNTIMES), repeats, queries
        )
        bundle_report.record(folder, "latency", facts)
    return facts


def _phones(facts: LatencyFacts, folder: Path, means: Means, results: list[str]) -> LatencyFacts:
    # Files first: they are refused at once, a phone takes minutes. Nothing is required of what others sent.
    devices, gates, codes = dict[str, DeviceFacts](), list[GateFacts](), [0]
    for one in ([Means(results=tuple(results))] if results else []) + ([means] if means.device else []):
        examined = Examined(folder, one)
        outcomes = measure("device", examined)
        codes.append(exit_code(outcomes, () if one.results else required("build", one.given)))
        gates += outcomes
        devices |= examined.devices
    bundle_report.record(folder, "devices", devices)
    return facts.model_copy(update={"devices": devices, "gates": tuple(gates), "exit": _worst(codes)})


def _worst(codes: list[int]) -> int:
    # A failure is worse than what could not be checked.
    return 1 if 1 in codes else max(codes)


def _here(
    bundle: str, threads: list[int], runtimes: list[str], repeats: int, queries: str | None
) -> LatencyFacts:
    folder, numbers = Path(bundle), sorted(set(threads))
    if repeats < 1 or numbers[0] < 1:
        raise InputError(f"--repeats {repeats}, --threads {numbers[0]}: must be at least 1.")
    questions = _questions(folder, queries)
    runs, quiet = list[RunFacts](), list[float]()
    for name, count in console.progress([(name, count) for name in runtimes for count in numbers], "Timing"):
        run, reference = _run(folder, name, count, repeats, questions)
        runs.append(run)
        quiet += reference
    judged, uneven = judge_quietness(quiet), [line for run in runs for line in ragged(run)]
    here = [f"{numbers[-1]} threads on {cores()} cores wait for each other"] if numbers[-1] > cores() else []
    said = [
        *notes(judged),
        *uneven,
        *here,
        "milliseconds are this machine's, not a phone's; ratios within one run carry over",
    ]
    noisy = judged.noisy or bool(uneven)
    return LatencyFacts(bundle=bundle, reference=judged, noisy=noisy, notes=tuple(said), runs=tuple(runs))


def _questions(folder: Path, queries: str | None) -> list[str]:
    if queries:
        return spread([q.text for q in beir.read_questions(Path(queries))], QUESTIONS)
    return [text.question for text in read_golden(folder / GOLDEN).texts if text.question]


def _run(
    folder: Path, runtime: str, threads: int, repeats: int, questions: list[str]
) -> tuple[RunFacts, tuple[float, ...]]:
    dropped = _drop(folder)
    cold, warm = (
        _probe(folder, runtime, threads, 0, questions),
        _probe(folder, runtime, threads, repeats, questions),
    )
    assert warm.lengths is not None and warm.questions is not None  # noqa: S101 - it repeated
    run = RunFacts(
        runtime=runtime,
        threads=threads,
        cold_ms=_start(cold) if dropped else None,
        warm_ms=_start(warm),
        lengths=warm.lengths,
        questions=warm.questions,
        memory_mb=warm.memory_mb,
    )
    return run, warm.reference


def _start(probed: Probed) -> Start:
    return Start(open=probed.open, first=probed.first)


def _drop(folder: Path) -> bool:
    # Asks the system to forget the files, as after a reboot. It may keep what others have mapped, and not
    # every system can.
    if not hasattr(os, "posix_fadvise"):
        return False
    for path in folder.iterdir():
        handle = os.open(path, os.O_RDONLY)
        try:
            os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(handle)
    return True


def _probe(folder: Path, runtime: str, threads: int, repeats: int, questions: Sequence[str]) -> Probed:
    found = own_process(
        "pocketrag.bench.timing.probe",
        [str(folder), runtime, str(threads), str(repeats)],
        list(questions),
        f"{folder}: {runtime}, {threads} threads",
        "; lower --repeats",
    )
    return Probed.read(found)
