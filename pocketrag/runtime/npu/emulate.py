"""Runs a compiled file on Qualcomm's emulator of the Hexagon processor, in a process of its own.

The emulator is part of `onnxruntime-qnn` for Linux on x86-64. It computes what the NPU computes and says
nothing of its time. A context that is damaged may end the process: that is an error here, and no crash.
"""

from __future__ import annotations

import importlib.util
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pocketrag.errors import InputError

#: Seconds a text and for the start, after which the emulator is given up. EmbeddingGemma takes 16 to 60 at 64
#: tokens on an idle core.
SECONDS_A_TEXT, SECONDS_TO_START = 900, 900
PROCESS = "pocketrag.runtime.npu.emulator_process"
#: What the emulator needs beside LiteRT.
PACKAGES = ("onnx", "onnxruntime", "onnxruntime_qnn")
INSTALL = "pip install 'pocketrag[npu]'"


class EmulatorError(InputError):
    """The emulator ended early, refused the context or gave no vectors."""


def obstacle() -> str | None:
    """Return why nothing can be compiled or emulated here; None where it can."""
    if sys.platform != "linux" or platform.machine() not in ("x86_64", "AMD64"):
        return f"Qualcomm's compiler and emulator are for Linux on x86-64, and this is {_here()}"
    if sys.version_info < (3, 11):
        return f"onnxruntime-qnn needs Python 3.11, and this is {platform.python_version()}"
    missing = [name for name in PACKAGES if importlib.util.find_spec(name) is None]
    if missing:
        return f"{missing[0]!r} is not installed: {INSTALL}"
    return None


def emulate(file: Path, texts: Sequence[tuple[int, Sequence[int]]]) -> np.ndarray:
    """Run token ids through the context binaries of a file; return float32 [n, dims].

    Args:
        file: a compiled `.tflite`; it needs to be one partition a signature.
        texts: of each the length of its signature `embed_L`, and its ids, which are padded with 0.

    Raises:
        EmulatorError: see there.
        InputError: something is missing here.

    """
    if why := obstacle():
        raise InputError(f"{file}: can't be emulated: {why}.")
    with tempfile.TemporaryDirectory() as aside:
        given = {"file": str(file), "texts": [[length, list(ids)] for length, ids in texts], "out": aside}
        _run(file, given, SECONDS_TO_START + SECONDS_A_TEXT * len(texts))
        try:
            vectors = np.load(Path(aside, "vectors.npy"))
        except (OSError, ValueError) as error:
            raise EmulatorError(f"{file}: the emulator gave no vectors ({error}).") from None
    return np.asarray(vectors, np.float32)


def _run(file: Path, given: dict[str, Any], seconds: int) -> None:
    command = [sys.executable, "-m", PROCESS]
    try:
        done = subprocess.run(  # noqa: S603 - our own module
            command, input=json.dumps(given), capture_output=True, text=True, errors="replace",
            timeout=seconds, check=False, env={**os.environ, "OMP_NUM_THREADS": "1"},
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise EmulatorError(f"{file}: the emulator was not done after {seconds} s.") from None
    if done.returncode < 0:
        raise EmulatorError(f"{file}: the emulator died of it (signal {-done.returncode}).")
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        raise EmulatorError(f"{file}: the emulator refused it ({last[:300]}).")


def _here() -> str:
    return f"{platform.system()} on {platform.machine()}"
