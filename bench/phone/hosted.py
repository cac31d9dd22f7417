"""Hosted devices of Google's Developer Device Platform, by the user's own LiteRT-CLI: `--device ddp:NAME`.

`litert benchmark MODEL --ddp --device NAME` uploads the model, runs benchmark_model on that device, says
`Job 'cpu-NAME': PASSED` and `Output files saved to: FOLDER`, and leaves there `logcat.txt` and, in newer
versions, `benchmark_run.txt`: digests, and which process was measured. Command line, words and files were
read in `litert_cli/commands/benchmark/{cli,ddp,model_caches}.py` of litert-cli-nightly 0.3.0.dev20261026 and
of litert-cli 0.2.1 (google-ai-edge/LiteRT-CLI, Apache License 2.0). The platform is a preview: both may
change.

What it can't do: it takes no texts and brings no vectors back, asks for no number of threads and for no GPU
in float32, and does not say whether the device is a real phone. So it informs, and decides nothing.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from pocketrag.console import progress
from pocketrag.errors import InputError
from pocketrag.formats import files
from pocketrag.formats.embedder.embedder_spec import EmbedderSpec
from pocketrag.formats.facts.phone.device import BenchmarkModel
from pocketrag.formats.golden import Golden
from pocketrag.formats.layout import MODEL

from . import benchmark_model
from .accelerators import CPU
from .adb import Attached, DeviceError, answer_of
from .phone_run import Asked, Run, commonest
from .printed import Printed, digests, processes

PREFIX = "ddp:"
PROGRAM = "litert"
#: What has to be on the PATH -> what brings it.
NEEDS = {PROGRAM: "pip install litert-cli-nightly", "gcloud": "Google Cloud's CLI"}
#: LiteRT-CLI reads the project that pays from here.
PROJECT = "LITERT_GCP_PROJECT"
#: Ids of devices, such as caiman-35.
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
#: As on a phone at a cable (benchmark_model.TIMED), in LiteRT-CLI's words.
PACE = (
    "--num-runs=50",
    "--min-secs=1",
    "--warmup-runs=5",
    "--warmup-min-secs=0.5",
    "--max-secs=20",
)
#: Seconds for `--help`; for a session, which waits for its device: LiteRT-CLI itself gives up after 900.
QUICK, SESSION = 60.0, 3600.0
JOB = re.compile(r"^Job '[^']*': (\S+)$", re.MULTILINE)
SAVED = re.compile(r"^Output files saved to: (.+)$", re.MULTILINE)
#: Of `benchmark_run.txt`: the process that counts; the one without the weights' cache, where it had to run.
MEASURED = re.compile(r"^(fallback|measured) process: pid (\d+)$", re.MULTILINE)
#: A line of logcat: date, time, process, thread.
LOGCAT = re.compile(r"^\d\d-\d\d \d\d:\d\d:\d\d\.\d+\s+(\d+)\s+\d+\s")


def ready(asked: Asked) -> None:
    """Refuse what can't be measured, before anything is computed.

    Raises:
        InputError: the name is none, something is asked for that LiteRT-CLI can't do, or it is not there.

    """
    told = f"--device {asked.device}"
    if not NAME.fullmatch(asked.device.removeprefix(PREFIX)):
        raise InputError(
            f"{told}: give the id of one hosted device, as in ddp:caiman-35; `gcloud beta device-run devices "
            "list` names them."
        )
    if asked.binary:
        raise InputError(f"--benchmark-binary {asked.binary}: LiteRT-CLI brings its own; leave it out.")
    if asked.accelerator != CPU:
        raise InputError(
            f"--accelerator {asked.accelerator}: LiteRT-CLI can't hold a hosted device to that; measure a "
            "phone at a cable, or leave it out."
        )
    _installed(told)


def _installed(told: str) -> None:
    for program, brings in NEEDS.items():
        if not shutil.which(program):
            raise InputError(f"{told} needs `{program}` on the PATH ({brings}; docs/device.md).")
    if not os.environ.get(PROJECT):
        raise InputError(f"{told}: set {PROJECT} to the Google Cloud project that pays for the sessions.")
    try:
        known = _call(["benchmark", "--help"], QUICK).stdout
    except DeviceError as error:
        raise InputError(f"{told}: {error}") from None
    if "--ddp" not in known:
        raise InputError(f"{told}: this `{PROGRAM}` knows no --ddp; litert-cli 0.2.1 and later do.")


def measure(asked: Asked, bundle: Path, spec: EmbedderSpec, golden: Golden) -> list[Run]:
    """Measure one hosted device, a session a length.

    What goes wrong ends in its `trouble`, with what was measured until then.
    """
    run = Run(Attached(asked.device, "hosted"), source="ddp", threads=None, lengths=spec.lengths)
    run.common = commonest(golden, spec.lengths)
    try:
        for length in progress(spec.lengths, "Hosted device"):
            _session(run, bundle / MODEL, length)
    except DeviceError as error:
        run.trouble = error
    return [run]


def _session(run: Run, model: Path, length: int) -> None:
    device = run.attached.serial.removeprefix(PREFIX)
    signature = f"embed_{length}"
    done = _call(
        [
            "benchmark",
            str(model.absolute()),
            "--ddp",
            "--cpu",
            f"--device={device}",
            f"--signature-key={signature}",
            *PACE,
        ],
        SESSION,
    )
    folder = _folder(run.attached.serial, done)
    record = _text(folder / "benchmark_run.txt")
    _proved(run, record, model)
    found = _measured(run, record, _text(folder / "logcat.txt"))
    if found.signature not in (None, signature):
        raise DeviceError("answer", f"{run.attached.serial}: {found.signature} ran in place of {signature}.")
    run.timings[length], run.memory[length] = found.timing(), found.memory()


def _folder(serial: str, done: subprocess.CompletedProcess[str]) -> Path:
    job, saved = JOB.search(done.stdout), SAVED.search(done.stdout)
    if done.returncode or not job or job[1] != "PASSED" or not saved:
        why = benchmark_model.complaint(f"{done.stderr}\n{done.stdout}")
        raise DeviceError("answer", f"{serial}: `{PROGRAM} benchmark` ended with {done.returncode} ({why}).")
    return Path(saved[1])


def _proved(run: Run, record: str, model: Path) -> None:
    """Take the digests that the device told.

    Raises:
        DeviceError: the model that ran is another.

    """
    told = {name: digest for _, digest, name in digests(record)}
    if told.get(model.name, run.model_sha256) not in (None, files.sha256(model)):
        raise DeviceError("lost", f"{run.attached.serial}: {model.name} arrived damaged.")
    run.model_sha256 = told.get(model.name)
    run.program = BenchmarkModel(
        sha256=told.get("benchmark_model"), runtime="CompiledModel", signatures=True, input_files=False
    )


def _measured(run: Run, record: str, logcat: str) -> Printed:
    """Return what the measured process printed; a first one may only have packed the weights."""
    counted = sorted(MEASURED.findall(record))
    if counted:
        label, process = counted[0]
        run.shared = label == "measured"
        logcat = "\n".join(line for line in logcat.splitlines() if _process(line) == process)
    found = processes(logcat)
    if not found:
        raise DeviceError("answer", f"{run.attached.serial}: its log holds no benchmark_model.")
    return found[-1]


def _process(line: str) -> str | None:
    found = LOGCAT.match(line)
    return found[1] if found else None


def _text(file: Path) -> str:
    return file.read_text("utf-8", errors="replace") if file.is_file() else ""


def _call(arguments: list[str], seconds: float) -> subprocess.CompletedProcess[str]:
    late = f"no answer from `{PROGRAM} {arguments[0]}` within {seconds:.0f} s. The session may still run."
    return answer_of([str(shutil.which(PROGRAM)), *arguments], seconds, late)
