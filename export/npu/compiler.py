"""Compiles a rewritten model for one system on a chip, ahead of time, in a process of its own."""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pocketrag.errors import GateError, InputError
from pocketrag.formats.facts.npu import Optimization
from pocketrag.machine import free_disk
from pocketrag.runtime.npu.compiled_file import CompiledFile, Target, read_compiled, target_of

from .compiler_process import run_compiler
from .toolchain import Toolchain

#: Bytes of disk that compiling takes, in multiples of the rewritten model: a context a signature, and the
#: file once more while it is written.
ROOM = 3
#: What the plugin says of a system that it has no table for, and of operations that Qualcomm refuses.
UNKNOWN = "Unexpected SoC model"
REFUSED = re.compile(r"Partitioned subgraph<\d+>, selected (\d+) ops, from a total of (\d+) ops")


@dataclass(frozen=True)
class Made:
    """A compiled file, and what it took."""

    compiled: CompiledFile
    target: Target
    seconds: float
    peak_bytes: int
    """Of the compiler's process."""


def compile_for(
    soc: str,
    source: Path,
    target: Path,
    tools: Toolchain,
    lengths: Sequence[int] = (),
    level: Optimization = "inference_o3",
) -> Made:
    """Compile `source`, and check that the NPU runs all of it.

    Args:
        soc: such as "SM8750".
        source: the rewritten model.
        target: the file to write.
        tools: the compiler's parts.
        lengths: of its signatures, for messages.
        level: how hard the compiler works on the file's speed.

    Raises:
        InputError: the system is unknown or fails, there is no room on disk, or the compiler died.
        GateError: a part is left to the CPU, or the context is for another system.

    """
    need, left = ROOM * source.stat().st_size, free_disk(target.parent)
    if need > left:
        raise InputError(
            f"{target.parent}: no space: compiling for {soc} takes about {need / 1e6:,.0f} MB of disk, and "
            f"{left / 1e6:,.0f} MB are free. Free some, or name another folder with --work."
        )
    started = time.monotonic()
    ended = run_compiler(soc, level, source, target, tools)
    if UNKNOWN in ended.log:
        raise InputError(f"`export.npu`: {soc}: LiteRT's compiler plugin does not know it.")
    at = f"{soc} at {', '.join(map(str, lengths))} tokens" if lengths else soc
    _need_done(at, ended.code, ended.log, target)
    compiled = read_compiled(target)
    return Made(compiled, _whole(soc, compiled), time.monotonic() - started, ended.peak_bytes)


def _need_done(at: str, code: int, log: str, target: Path) -> None:
    if code < 0:
        name = signal.Signals(-code).name
        raise InputError(f"`export.npu`: {at}: the compiler died ({name}). {_last(log)}")
    if code or not target.is_file() or target.stat().st_size == 0:
        full = " The disk is full." if free_disk(target.parent) < 1 << 20 else ""
        raise InputError(f"`export.npu`: {at}: can't be compiled.{full} {_refused(log)}{_last(log)}")


def _whole(soc: str, compiled: CompiledFile) -> Target:
    for one in compiled.signatures:
        if one.on_cpu or one.partitions != 1:
            left = ", ".join(sorted(set(one.on_cpu))) or "none"
            raise GateError(
                f"`export.npu`: {soc}: {one.name} comes to {one.partitions} partitions, and leaves "
                f"{len(one.on_cpu)} operations to the CPU ({left}). Every phone with it would wait for both."
            )
    targets = {target_of(compiled.context(one)) for one in compiled.signatures}
    found = targets.pop()
    if found is None or targets or (found.soc, compiled.soc) != (soc, soc):
        raise GateError(f"`export.npu`: {soc}: what was compiled says that it is for another system.")
    return found


def _refused(log: str) -> str:
    counts = [(int(taken), int(all_)) for taken, all_ in REFUSED.findall(log)]
    less = [f"{taken} of {all_}" for taken, all_ in counts if taken < all_]
    return f"Its NPU takes {less[0]} operations. " if less else ""


def _last(log: str) -> str:
    lines = [line.strip() for line in log.splitlines() if "ERROR" in line]
    return f"Its first error: {lines[0][:200]}" if lines else ""
