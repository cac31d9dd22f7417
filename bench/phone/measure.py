"""Measuring one device.

Push the model and the golden token ids, run `benchmark_model`, read the vectors back, clean up.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np

from pocketrag.formats import files
from pocketrag.formats.embedder.embedder_spec import EmbedderSpec
from pocketrag.formats.facts.phone.device import BenchmarkModel
from pocketrag.formats.golden import Golden
from pocketrag.formats.layout import MODEL
from pocketrag.formats.tokenizer import padded, shortest

from . import accelerators, benchmark_model
from . import state as phone
from .accelerators import CPU
from .adb import KILLED, UNKNOWN, Adb, DeviceError, Ran
from .adb import ready as takes_commands
from .benchmark_model import ONCE, PACK, TIMED, Job, check_binary
from .phone_run import THREADS, Asked, Run, commonest

#: The one folder that is ours; what an earlier run left there goes first.
FOLDER = "/data/local/tmp/pocketrag-bench"
PROGRAM, GRAPH, CACHE = f"{FOLDER}/benchmark_model", f"{FOLDER}/{MODEL}", f"{FOLDER}/packed.cache"
#: Told beside it, for the length that most questions take.
FEWER = (1, 2)
#: Seconds: opening and packing; 40 s of runs (TIMED) and as long again for the opening and a last long run;
#: one run.
OPENING, TIMING, RUNNING = 120.0, 120.0, 60.0


def ready(asked: Asked) -> None:
    """Refuse what can't be measured, before anything is computed.

    Raises:
        InputError: no benchmark_model for arm64, no adb, or no such device.

    """
    check_binary(asked.binary)
    (asked.adb or Adb()).choose(asked.device)


def measure(asked: Asked, bundle: Path, spec: EmbedderSpec, golden: Golden) -> list[Run]:
    """Measure the devices that are meant, one after another.

    Raises:
        InputError: as of `ready`. What goes wrong on a device ends in its `trouble`.

    """
    binary, adb = check_binary(asked.binary), asked.adb or Adb()
    runs = [
        Run(attached, asked.accelerator, program=_program(binary)) for attached in adb.choose(asked.device)
    ]
    for run in runs:
        _measure(adb, run, bundle, spec, golden, binary)
    return runs


def _measure(adb: Adb, run: Run, bundle: Path, spec: EmbedderSpec, golden: Golden, binary: Path) -> None:
    serial = run.attached.serial
    try:
        takes_commands(run.attached)
        run.phone = phone.describe(adb, serial)
        with _folder(adb, run):
            _Bench(adb, run, spec, golden).all(bundle / MODEL, binary)
    except DeviceError as error:
        run.trouble = error


def _program(binary: Path) -> BenchmarkModel:
    return BenchmarkModel(sha256=files.sha256(binary), runtime=None, signatures=None, input_files=None)


@contextmanager
def _folder(adb: Adb, run: Run) -> Iterator[None]:
    serial = run.attached.serial
    adb.shell(serial, ["rm", "-rf", FOLDER])
    made = adb.shell(serial, ["mkdir", "-p", FOLDER])
    if made.status:
        raise DeviceError(
            "denied", f"{serial}: {FOLDER} can't be made ({benchmark_model.complaint(made.output)})."
        )
    try:
        yield
    except DeviceError as error:
        if error.kind == "timeout":
            # It still runs there. The brackets keep the pattern from matching its own command line.
            with suppress(DeviceError):
                adb.shell(serial, ["pkill", "-f", f"{FOLDER}/[b]enchmark_model"])
        raise
    finally:
        run.left = FOLDER
        with suppress(DeviceError):
            if adb.shell(serial, ["rm", "-rf", FOLDER]).status == 0:
                run.left = None


class _Bench:
    """The steps on one device, in order; each fills its part of `run`."""

    def __init__(self, adb: Adb, run: Run, spec: EmbedderSpec, golden: Golden) -> None:
        self._adb, self._run, self._spec, self._golden = adb, run, spec, golden
        self._serial = run.attached.serial
        self._flags: tuple[str, ...] = ()

    def all(self, model: Path, binary: Path) -> None:
        self._push(model, binary)
        run = self._run
        run.able = benchmark_model.abilities(self._shell([PROGRAM, "--help"]).output)
        run.program = run.program.model_copy(
            update={
                "runtime": run.able.runtime,
                "signatures": run.able.signatures,
                "input_files": run.able.files,
            }
        )
        self._flags = accelerators.flags(run.accelerator, run.able)
        run.lengths = self._spec.lengths if run.able.signatures else self._spec.lengths[-1:]
        run.common = commonest(self._golden, run.lengths)
        self._push_ids()
        run.before = phone.heat(self._adb, self._serial)
        self._time()
        run.after = phone.heat(self._adb, self._serial)
        if run.able.files:
            self._embed()

    def _push(self, model: Path, binary: Path) -> None:
        with tempfile.TemporaryDirectory() as here:
            renamed = Path(here) / Path(PROGRAM).name
            renamed.write_bytes(binary.read_bytes())
            self._adb.push(self._serial, [renamed, model], FOLDER)
        self._shell(["chmod", "755", PROGRAM])
        arrived = self._shell(["sha256sum", GRAPH])
        wanted = files.sha256(model)
        # Android 5 has no sha256sum; adb's own protocol is all there is then.
        if arrived.status == 0 and arrived.output.split()[:1] != [wanted]:
            raise DeviceError(
                "lost",
                f"{self._serial}: {MODEL} arrived damaged. Look at the cable and run the same command again.",
            )
        self._run.model_sha256 = wanted if arrived.status == 0 else None

    def _push_ids(self) -> None:
        # Each text as the app pads it, for its own length; one a length for the times, which do not depend on
        # the ids.
        for number, text in enumerate(self._golden.texts):
            self._run.through[number] = shortest(self._run.lengths, len(text.ids))
        with tempfile.TemporaryDirectory() as here:
            named = [self._write(Path(here), n, length) for n, length in self._run.through.items()]
            named += [self._write(Path(here), self._longest(length), length) for length in self._run.lengths]
            self._adb.push(self._serial, sorted(set(named)), FOLDER)

    def _write(self, folder: Path, number: int, length: int) -> Path:
        ids = np.array(padded(self._golden.texts[number].ids, length, self._spec.tokenizer.pad), "<i4")
        file = folder / f"{number}-{length}.ids"
        file.write_bytes(ids.tobytes())
        return file

    def _longest(self, length: int) -> int:
        """Return the golden text that fills a length best."""
        sizes = {n: len(text.ids) for n, text in enumerate(self._golden.texts) if len(text.ids) <= length}
        return max(sizes, key=lambda n: sizes[n])

    def _time(self) -> None:
        run, able = self._run, self._run.able
        # The cache is of XNNPACK, which computes on the CPU alone.
        run.shared = run.accelerator == CPU and bool(able and able.cache) and self._pack()
        for length in run.lengths:
            output = self._timed(length)
            run.timings[length], run.memory[length] = (
                benchmark_model.timing(output),
                benchmark_model.memory(output),
            )
        run.fewer = {threads: benchmark_model.timing(self._timed(run.common, threads)) for threads in FEWER}
        run.again = benchmark_model.timing(self._timed(run.common))

    def _timed(self, length: int, threads: int = THREADS) -> str:
        return self._benchmark(self._job(self._longest(length), length, TIMED, threads), TIMING).output

    def _pack(self) -> bool:
        # A process of its own writes the cache, as the app's first start does; those that are timed only read
        # it.
        length = self._run.lengths[-1]
        self._benchmark(self._job(self._longest(length), length, PACK, cache=CACHE), OPENING)
        return self._shell(["test", "-s", CACHE]).status == 0

    def _embed(self) -> None:
        with tempfile.TemporaryDirectory() as here:
            jobs = {n: self._job(n, length, ONCE) for n, length in self._run.through.items()}
            for job in jobs.values():
                self._benchmark(job, RUNNING)
            self._adb.pull(self._serial, [job.output for job in jobs.values()], Path(here))
            read = {n: (Path(here) / Path(job.output).name).read_bytes() for n, job in jobs.items()}
        self._run.vectors = {n: np.frombuffer(data[: len(data) // 4 * 4], "<f4") for n, data in read.items()}

    def _job(
        self, number: int, length: int, pace: tuple[str, ...], threads: int = THREADS, cache: str = ""
    ) -> Job:
        stem = f"{FOLDER}/{number}-{length}"
        return Job(
            GRAPH,
            length,
            threads,
            f"{stem}.ids",
            f"{stem}.vec",
            cache or (CACHE if self._run.shared else ""),
            pace,
        )

    def _benchmark(self, job: Job, seconds: float) -> Ran:
        able = self._run.able
        assert able is not None  # noqa: S101 - `all` has asked
        ran = self._shell([*benchmark_model.command(PROGRAM, job, able), *self._flags], seconds)
        complaint = benchmark_model.complaint(ran.output)
        if ran.status == KILLED:
            raise DeviceError(
                "killed",
                f"benchmark_model was killed (SIGKILL) at embed_{job.length}, as Android's low-memory killer "
                "does. If other apps took the memory, close them and measure again",
            )
        if re.search(r"Didn't find op|op builtin_code out of range|[Oo]p version", ran.output):
            raise DeviceError(
                "answer",
                f"this benchmark_model is older than the model's operations ({complaint}). Fetch a newer one",
            )
        if ran.status:
            raise DeviceError(
                "crashed", f"benchmark_model ended with {ran.status} at embed_{job.length} ({complaint})"
            )
        ignored = re.search(r"Unconsumed cmdline flags: (.+)", ran.output)
        if ignored:
            raise DeviceError(
                "answer", f"benchmark_model ignored {ignored[1][:100]}, which it lists in its help"
            )
        return ran

    def _shell(self, arguments: list[str], seconds: float = 30.0) -> Ran:
        ran = self._adb.shell(self._serial, arguments, seconds)
        if arguments[0] == PROGRAM and ran.status in (126, UNKNOWN):
            # mksh and toybox: `not executable: 64-bit ELF file`, `Exec format error`,
            # `CANNOT LINK EXECUTABLE`.
            raise DeviceError(
                "answer",
                f"the device can't run this benchmark_model ({benchmark_model.complaint(ran.output)})",
            )
        return ran
