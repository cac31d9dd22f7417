"""Time and memory of this process, for benchmarks that run on one core."""

from __future__ import annotations

import contextlib
import os
import resource
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

T = TypeVar("T")

#: What keeps NumPy's libraries to one thread; they read it when they are loaded, so a process gets it before
#: it starts.
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


def timed(work: Callable[..., T], *arguments: Any) -> tuple[T, float]:  # noqa: ANN401 - of any function
    """Return what some work gives and the milliseconds of this thread's CPU time that it takes.

    CPU time, for the machine is shared: what other processes take of the core is not counted. Nothing here
    waits for a disk.
    """
    start = time.thread_time()
    found = work(*arguments)
    return found, (time.thread_time() - start) * 1e3


def spread(values: Sequence[float]) -> dict[str, float]:
    """Return median, 90th and 95th percentile."""
    shares = {"median": 50, "p90": 90, "p95": 95}
    return {name: round(float(np.percentile(values, share)), 3) for name, share in shares.items()}


def resident() -> float | None:
    """Return this process's resident memory in MB, None where Linux's /proc is not there."""
    file = Path("/proc/self/statm")
    return (
        round(int(file.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6, 1)
        if file.is_file()
        else None
    )


def peak() -> float:
    """Return the most resident memory that this process had, in MB."""
    file = Path("/proc/self/status")
    lines = file.read_text().splitlines() if file.is_file() else []
    kilobytes = next((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), None)
    # Elsewhere, on macOS, the system counts bytes (getrusage(2)).
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss if kilobytes is None else kilobytes * 1024
    return round(most / 1e6, 1)


def forget_peak() -> None:
    """Let `peak` begin anew from what is resident now, where Linux allows it (proc(5), clear_refs)."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def pin() -> None:
    """Stay on one core, where the system can."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
