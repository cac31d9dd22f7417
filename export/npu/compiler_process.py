"""The compiler's process: the same names, surroundings and addresses each time, for the same bytes.

Its library leaves parts of the context unset that no operation reads, and what stands there follows from
where the heap lies: with random addresses, or other paths, EmbeddingGemma's context differs in some 12 000 of
125 million bytes from one run to the next.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pocketrag.formats.facts.npu import Optimization

from .empty_library import write_empty_library
from .toolchain import Toolchain

#: Opened by the plugin, and in no package.
UNUSED_LIBRARY = "libQnnLpai.so"
#: Names in the process's own folder.
PROGRAM, MODEL, OUT, PLUGIN, LOG = "program", "model.tflite", "out.tflite", "plugin", "log"
#: Characters of that folder's path, or a multiple; a name has 255 at most.
LENGTH = 200
#: What the compiler's program calls the levels, as its own log says; most work first.
LEVELS: Mapping[Optimization, str] = {"inference_o3": "O3", "inference": "O1", "prepare": "O2"}
#: Runs a program with fixed addresses (personality(2), ADDR_NO_RANDOMIZE; where the system forbids it, as
#: some containers do, the bytes may differ), which ends when its parent does (prctl(2), PR_SET_PDEATHSIG).
LAUNCH = (
    "import ctypes, os, signal, sys; c = ctypes.CDLL(None); c.personality(0x0040000); "
    "c.prctl(1, signal.SIGKILL); os.execv(sys.argv[1], sys.argv[1:])"
)


@dataclass(frozen=True)
class Ended:
    """What became of the process."""

    code: int
    """Its exit code; negative: a signal."""
    log: str
    peak_bytes: int


def run_compiler(soc: str, level: Optimization, source: Path, target: Path, tools: Toolchain) -> Ended:
    """Compile `source` for a system on a chip into `target`; where that fails, there may be no file."""
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".compile.") as aside:
        folder = _of_fixed_length(Path(aside))
        libraries = _prepare(folder, source, tools)
        command = [sys.executable, "-I", "-c", LAUNCH, f"./{PROGRAM}", *_arguments(soc, level)]
        with (folder / LOG).open("w+b") as log:
            process = subprocess.Popen(  # noqa: S603 - LiteRT's own program, arguments as a list
                command, cwd=folder, stdout=log, stderr=log, env={"LD_LIBRARY_PATH": libraries, "LC_ALL": "C"}
            )
            code, peak = _awaited(process)
            log.seek(0)
            said = log.read().decode("utf-8", "replace")
        if (folder / OUT).is_file():
            (folder / OUT).replace(target)
    return Ended(code, said, peak)


def _of_fixed_length(aside: Path) -> Path:
    # The loader keeps absolute paths on the heap, so their length moves all that follows.
    used = len(str(aside)) + 1
    folder = aside / ("x" * (-used % LENGTH or LENGTH))
    folder.mkdir()
    return folder


def _prepare(folder: Path, source: Path, tools: Toolchain) -> str:
    # Returns the loader's path. By links every name is short and the same.
    # By a link the loader would find where the program really lies.
    shutil.copy(tools.program, folder / PROGRAM)
    (folder / MODEL).symlink_to(source.resolve())
    (folder / PLUGIN).symlink_to(tools.plugin.resolve())
    for number, library in enumerate(tools.libraries):
        (folder / f"lib{number}").symlink_to(library.resolve())
    write_empty_library(folder / UNUSED_LIBRARY)
    return os.pathsep.join([*(f"lib{number}" for number in range(len(tools.libraries))), "."])


def _arguments(soc: str, level: Optimization) -> list[str]:
    return [
        "--cmd=apply",
        f"--model={MODEL}",
        f"--o={OUT}",
        "--soc_manufacturer=Qualcomm",
        f"--soc_model={soc}",
        f"--libs={PLUGIN}",
        "--err=--",
        f"--qualcomm_optimization_level={LEVELS[level]}",
        "--qualcomm_log_level=warn",
    ]


def _awaited(process: subprocess.Popen[bytes]) -> tuple[int, int]:
    try:
        _, status, usage = os.wait4(process.pid, 0)
    except BaseException:
        process.kill()
        process.wait()
        raise
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, usage.ru_maxrss * 1024
