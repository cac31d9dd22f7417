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
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np

from pocketrag.console import progress
from pocketrag.errors import InputError

#: Seconds a text and for the start, after which the emulator is given up. EmbeddingGemma takes 16 to 60 at 64
#: tokens on an idle core.
SECONDS_A_TEXT, SECONDS_TO_START = 900, 900
PROCESS = "pocketrag.runtime.npu.emulator_process"
#: What it prints after each text.
DONE = b"done\n"
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


def emulate(file: Path, texts: Sequence[Sequence[int]]) -> np.ndarray:
    """Run token ids through the context binaries of a file; return float32 [n, dims].

    Args:
        file: a compiled `.tflite`; it needs to be one partition a signature.
        texts: token ids of each, padded to the L of its signature `embed_L`.

    Raises:
        EmulatorError: see there.
        InputError: something is missing here.

    """
    if why := obstacle():
        raise InputError(f"{file}: can't be emulated: {why}.")
    with tempfile.TemporaryDirectory() as aside:
        given = {"file": str(file), "texts": [list(ids) for ids in texts], "out": aside}
        _run(file, given, SECONDS_TO_START + SECONDS_A_TEXT * len(texts))
        try:
            vectors = np.load(Path(aside, "vectors.npy"))
        except (OSError, ValueError) as error:
            raise EmulatorError(f"{file}: the emulator gave no vectors ({error}).") from None
    return np.asarray(vectors, np.float32)


def _run(file: Path, given: dict[str, Any], seconds: int) -> None:
    with tempfile.TemporaryFile() as said:
        code = _ended(file, json.dumps(given), len(given["texts"]), seconds, said)
        said.seek(0)
        lines = said.read().decode("utf-8", "replace").strip().splitlines()
    if code < 0:
        raise EmulatorError(f"{file}: the emulator died of it (signal {-code}).")
    if code:
        last = (lines or [f"exit code {code}"])[-1]
        raise EmulatorError(f"{file}: the emulator refused it ({last[:300]}).")


def _ended(file: Path, given: str, texts: int, seconds: int, said: IO[bytes]) -> int:
    """Return the exit code of the emulator's process; whatever happens here, it does not outlive this."""
    process = subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-m", PROCESS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    clock = threading.Timer(seconds, process.kill)
    clock.start()
    try:
        _feed(process, given)
        for _ in zip(progress(range(texts), f"Emulating {file.name}"), _finished(process), strict=False):
            pass
        code = process.wait()
    finally:
        late = not clock.is_alive()
        clock.cancel()
        process.kill()
        process.wait()
    if late:
        raise EmulatorError(f"{file}: the emulator was not done after {seconds} s.")
    return code


def _feed(process: subprocess.Popen[bytes], given: str) -> None:
    assert process.stdin is not None  # noqa: S101 - a pipe
    try:
        with process.stdin as stream:
            stream.write(given.encode())
    except BrokenPipeError:  # it has ended; its exit code says more
        pass


def _finished(process: subprocess.Popen[bytes]) -> Iterator[None]:
    # Yields once for every text; the library prints lines of its own.
    assert process.stdout is not None  # noqa: S101 - a pipe
    with process.stdout as stream:
        for line in stream:
            if line == DONE:
                yield


def _here() -> str:
    return f"{platform.system()} on {platform.machine()}"
