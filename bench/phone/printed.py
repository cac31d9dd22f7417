"""Texts that hold what benchmark_model printed: one run after another, and what each says of itself.

What it prints was read in google-ai-edge/LiteRT: `STARTING!` at the start of each process
(`tflite/tools/benchmark/benchmark_main.cc`, `litert/tools/benchmark_litert_model_main.cc`), its parameters
(`BenchmarkModel::LogParams` in `benchmark_model.cc`), the signature (`benchmark_tflite_model.cc`;
`litert/tools/benchmark_litert_model.h`) and the model's size. Prefixes such as `INFO: ` or logcat's are left
alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from . import benchmark_model
from .benchmark_model import Timing

STARTED = "STARTING!"
#: One pattern a way of saying which signature ran: the Interpreter's two, CompiledModel's.
SIGNATURE = re.compile(r"(?:Signature to run: \[|Using signature: |Signature name:\s+)([^\]\s]+)")
THREADS = re.compile(r"Num threads: \[(\d+)\]")
#: 10^6 bytes, six digits.
SIZE = re.compile(r"The input model file size \(MB\): ([\d.e+]+)")
#: What says that not XNNPACK in float32 computed.
ELSEWHERE = re.compile(
    r"Use (?:gpu|nnapi|hexagon) ?: \[1\]|xnnpack_force_fp16: \[1\]|Explicitly applied (?!XNNPACK)\S+ delegate"
    r"|node\(s\) with delegate \((?!TfLiteXNNPackDelegate)[^)]*\)"
)
#: Only CompiledModel's program has it in its lines.
COMPILED = "benchmark_litert_model"
#: A line of `sha256sum`.
DIGEST = re.compile(r"^([0-9a-f]{64}) [ *]?(?:\S*/)?([^/\s]+)\s*$", re.MULTILINE)


@dataclass(frozen=True)
class Printed:
    """What one process of benchmark_model printed."""

    line: int
    """Where it begins, from 1."""
    text: str

    @property
    def signature(self) -> str | None:
        """Which one ran; None where this version does not say it."""
        found = SIGNATURE.search(self.text)
        return found[1] if found else None

    @property
    def threads(self) -> int | None:
        """With how many threads; None where none were asked for."""
        found = THREADS.search(self.text)
        return int(found[1]) if found else None

    @property
    def megabytes(self) -> float | None:
        """Size of the model's file, 10^6 bytes; None where this version does not say it."""
        found = SIZE.search(self.text)
        return float(found[1]) if found else None

    @property
    def elsewhere(self) -> str | None:
        """The words that say that not the CPU in float32 computed."""
        found = ELSEWHERE.search(self.text)
        return found[0] if found else None

    @property
    def runtime(self) -> str:
        """Which LiteRT interface it measures."""
        return "CompiledModel" if COMPILED in self.text else "Interpreter"

    def timing(self) -> Timing:
        """Return its times.

        Raises:
            DeviceError: there are none.

        """
        return benchmark_model.timing(self.text)

    def memory(self) -> float | None:
        """Return how much memory it took, MB."""
        return benchmark_model.memory(self.text)


def processes(text: str) -> list[Printed]:
    """Return the processes of benchmark_model that a text holds, in its order."""
    lines = text.splitlines()
    starts = [number for number, line in enumerate(lines) if STARTED in line]
    ends = [*starts[1:], len(lines)]
    return [Printed(first + 1, "\n".join(lines[first:end])) for first, end in zip(starts, ends, strict=False)]


def digests(text: str) -> Iterator[tuple[int, str, str]]:
    """Give line, SHA-256 and file name of every line of `sha256sum`."""
    for found in DIGEST.finditer(text):
        yield text.count("\n", 0, found.start()) + 1, found[1], found[2]
