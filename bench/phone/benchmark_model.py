"""LiteRT's `benchmark_model` on a device: where to get it, its command line, and what it prints.

Two programs have that name. What each takes and prints was read in google-ai-edge/LiteRT:

- the **Interpreter**'s (`tflite/tools/benchmark`: README.md, benchmark_model.cc, benchmark_tflite_model.cc),
  which takes input files and writes its output: it shows parity, time and memory;
- **CompiledModel**'s (`litert/tools/benchmark_litert_model.h`), which fills its inputs with ids from 0 to 99
  (GetDataRangesForType in tflite/tools/utils.cc) and keeps the output to itself: time and memory only.

Which one it is, its `--help` tells: flags that it does not know it would only name in a warning, and ignore.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path

from pocketrag.errors import InputError

from .adb import DeviceError

#: Google's pages, and the two files' names there (read on the pages in November 2026).
WHERE = (
    "`android_aarch64_benchmark_model` "
    "(https://developers.google.com/edge/litert/models/measurement; the file lies in "
    "storage.googleapis.com/tensorflow-nightly-public/prod/tensorflow/release/lite/tools/nightly/latest), "
    "which shows parity, time and memory; or CompiledModel's `android_arm64/benchmark_model` "
    "(https://developers.google.com/edge/litert/next/benchmark), which shows time and memory only"
)
#: ELF's header: magic, 64-bit class at byte 4, machine at bytes 18 and 19 (183: AArch64; elf(5), EM_AARCH64).
ELF, CLASS_64, AARCH64 = b"\x7fELF", 2, 183
#: benchmark_model's megabytes are 1024 * 1024 bytes (`mem_footprint_kb / 1024.0`); ours are 10^6, as for the
#: model's size.
MEBIBYTE = 1.048576
#: Its input's name need not be the model's (README.md).
LAYER = "ids"


@dataclass(frozen=True)
class Abilities:
    """What one benchmark_model can do, by the flags of its `--help`."""

    flags: frozenset[str]

    @property
    def runtime(self) -> str:
        """Which LiteRT interface it measures."""
        return "Interpreter" if "input_layer" in self.flags else "CompiledModel"

    @property
    def signatures(self) -> bool:
        """It can run any length; else only subgraph 0, the longest."""
        return "signature_to_run_for" in self.flags

    @property
    def files(self) -> bool:
        """It takes token ids from a file and writes the vector to one."""
        return {
            "input_layer",
            "input_layer_shape",
            "input_layer_value_files",
            "output_filepath",
        } <= self.flags

    @property
    def cache(self) -> bool:
        """All signatures can share one packed copy of the weights, as in the app."""
        return {"xnnpack_weight_cache_file_path", "dry_run"} <= self.flags


@dataclass(frozen=True)
class Job:
    """One run: paths are the device's, `length` is that of the signature."""

    graph: str
    length: int
    threads: int
    ids: str
    output: str
    cache: str = ""
    pace: tuple[str, ...] = ()
    """How often: TIMED, ONCE or PACK."""


#: Many times: at least 50 runs and 1 s after 5 runs and half a second of warming up, but no longer than 20 s
#: each.
TIMED = ("--num_runs=50", "--min_secs=1", "--warmup_runs=5", "--warmup_min_secs=0.5", "--max_secs=20")
#: Once, for the vector.
ONCE = ("--num_runs=1", "--min_secs=0", "--warmup_runs=0", "--warmup_min_secs=0")
#: Only open the model, which packs its weights into the cache; the process after it finds them there, like an
#: app's second start.
PACK = ("--dry_run=true",)


@dataclass(frozen=True)
class Timing:
    """Repeated runs of one input, milliseconds.

    The percentiles are of these runs, None where the version prints none.
    """

    runs: int
    avg: float
    min: float
    max: float
    std: float
    p5: float | None = None
    median: float | None = None
    p95: float | None = None
    init: float | None = None
    """Opening the model: from the packed weights where there is a cache."""


def check_binary(file: Path | None) -> Path:
    """Check `--benchmark-binary` before anything is pushed.

    Raises:
        InputError: there is none, or it is not a program for 64-bit ARM.

    """
    if file is None:
        raise InputError(
            f"--device needs --benchmark-binary PATH, LiteRT's benchmark_model for Android on arm64: {WHERE}."
        )
    if not file.is_file():
        raise InputError(f"--benchmark-binary {file}: no such file. Fetch {WHERE}.")
    with file.open("rb") as opened:
        head = opened.read(20)
    if head[:2] == b"PK":
        raise InputError(
            f"--benchmark-binary {file}: this is the app (.apk). Take the program of the same name "
            f"without `.apk`: {WHERE}."
        )
    if (
        head[:4] != ELF
        or len(head) < 20
        or head[4] != CLASS_64
        or int.from_bytes(head[18:20], "little") != AARCH64
    ):
        raise InputError(
            f"--benchmark-binary {file}: not a program for 64-bit ARM (arm64-v8a). Fetch {WHERE}."
        )
    return file


def abilities(usage: str) -> Abilities:
    r"""Read `--help`, a line a flag.

    A line is `\t--NAME=DEFAULT\tTYPE\toptional\t...` (Flags::Usage in tflite/tools/command_line_flags.cc).

    Raises:
        DeviceError: no `--graph` is among them.

    """
    flags = frozenset(re.findall(r"^\s*--(\w+)=", usage, re.MULTILINE))
    if "graph" not in flags:
        raise DeviceError(
            "answer",
            f"benchmark_model --help lists no --graph ({complaint(usage)}): is it LiteRT's? Fetch {WHERE}.",
        )
    return Abilities(flags)


def command(program: str, job: Job, able: Abilities) -> list[str]:
    """Return a command line with nothing in it that this benchmark_model does not know."""
    line = [program, f"--graph={job.graph}", f"--num_threads={job.threads}", *job.pace]
    if able.signatures:
        line.append(f"--signature_to_run_for=embed_{job.length}")
    if able.files:
        line += [
            f"--input_layer={LAYER}",
            f"--input_layer_shape=1,{job.length}",
            f"--input_layer_value_files={LAYER}:{job.ids}",
            f"--output_filepath={job.output}",
        ]
    if job.cache:
        line.append(f"--xnnpack_weight_cache_file_path={job.cache}")
    if job.cache and "use_xnnpack" in able.flags:
        # Only the delegate that is asked for by name gets the cache (xnnpack_delegate_provider.cc).
        line.append("--use_xnnpack=true")
    return line


def timing(output: str) -> Timing:
    """Read the last `count=` line, which is of the measured runs; the one before is of the warming up.

    Microseconds there.

    Its forms are those of Stat::OutputToStream and StatWithPercentiles (stats_calculator.h of TensorFlow and
    XLA): all the numbers; or `count=N curr=X` where all runs took the same.

    Raises:
        DeviceError: there is none.

    """
    lines = re.findall(r"\bcount=(\d+) (.*)", output)
    if not lines or not int(lines[-1][0]):
        raise DeviceError("answer", f"benchmark_model printed no timings ({complaint(output)}).")
    found = {key: _ms(value) for key, value in re.findall(r"(\w+)=([\d.e+]+)", lines[-1][1])}
    same = math.nan if "first" in found else found.get("curr", math.nan)
    avg, least, most = (found.get(key, same) for key in ("avg", "min", "max"))
    if not all(map(math.isfinite, (avg, least, most))):
        raise DeviceError("answer", f"benchmark_model's timings can't be read: {lines[-1][1][:100]!r}.")
    p5, median, p95 = (found.get(key) for key in ("p5", "median", "p95"))
    return Timing(int(lines[-1][0]), avg, least, most, found.get("std", 0.0), p5, median, p95, _init(output))


#: The increase of the process's largest resident set (getrusage's ru_maxrss,
#: tflite/profiling/memory_info.cc), which is a peak already: --report_peak_memory_footprint would add a
#: thread that disturbs the times. First the Interpreter's words, then what its versions of 2020 said, then
#: CompiledModel's.
MEMORY = (
    r"Memory footprint delta from the start of the tool \(MB\): init=[\d.e+-]+ overall=([\d.e+-]+)",
    r"Peak memory footprint \(MB\): init=[\d.e+-]+ overall=([\d.e+-]+)",
    r"Overall footprint:\s+([\d.]+) MB",
)


def memory(output: str) -> float | None:
    """Return how much memory the model took in all, MB, or None where nothing is printed."""
    for pattern in MEMORY:
        found = re.search(pattern, output)
        if found:
            return float(found[1]) * MEBIBYTE
    return None


def complaint(output: str) -> str:
    """Return the line that says why it failed: the first error, or else the last line."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    complaints = [
        line
        for line in lines
        if re.search(r"ERROR|FATAL|[Ff]ailed|not found|CANNOT LINK|denied|[Aa]ssert", line)
    ]
    return (complaints or lines[-1:] or ["it printed nothing"])[0][:200]


def _init(output: str) -> float | None:
    interpreter = re.search(r"Inference timings in us: Init: ([\d.e+]+)", output)
    compiled = re.search(r"Model initialization: ([\d.]+) ms", output)
    return _ms(interpreter[1]) if interpreter else float(compiled[1]) if compiled else None


def _ms(microseconds: str) -> float:
    return float(microseconds) / 1e3
