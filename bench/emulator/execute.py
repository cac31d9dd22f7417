"""Run a model on an emulated core: token ids go in as JSON, vectors come back as `.npy`.

Its time says nothing of a phone's.
"""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pocketrag.console import progress
from pocketrag.errors import PocketragError
from pocketrag.runtime.embedder import cores

from .contents import GUEST, Root
from .cores import Core
from .guest import REFUSED
from .tools import ended_by, last_words

#: One line a text comes from the guest. EmbeddingGemma at 256 tokens takes under a minute; a busy machine
#: gets five.
SILENCE = 300
#: Every process packs the weights for itself: 160 MB for EmbeddingGemma.
MOST_PROCESSES = 4

#: A text's token ids, padded to the length that it runs through.
Job = list[int]


class StoppedError(PocketragError):
    """The emulator broke off: nothing is known about the model."""

    exit_code = 4


class RefusedError(PocketragError):
    """LiteRT on ARM refused the model or failed in it."""

    exit_code = 1


@dataclass(frozen=True)
class Ran:
    """What came back."""

    vectors: np.ndarray
    """float32 [jobs, dims]."""
    facts: dict[str, Any]
    """`litert`, `numpy`, `machine`, `runtime`, as the guest says."""


def run_jobs(root: Root, core: Core, model: Path, jobs: Sequence[Job], silence: float = SILENCE) -> Ran:
    """Run jobs, side by side in several processes.

    Args:
        root: of `setup`.
        core: the emulated one.
        model: a `.tflite` with a signature `embed_L` for every job's length.
        jobs: at least one.
        silence: seconds without a finished job after which the guest counts as hung.

    Raises:
        StoppedError: the emulator crashed, was killed or hung.
        RefusedError: LiteRT can't open the model, or fails in it.

    """
    count = min(cores(), MOST_PROCESSES, len(jobs))
    # The long ones first and in turn, so that all processes end at about the same time.
    order = sorted(range(len(jobs)), key=lambda i: -len(jobs[i]))
    shares = [order[n::count] for n in range(count)]
    with tempfile.TemporaryDirectory(prefix="pocketrag-emulator-") as name:
        folder = Path(name)
        with _started(root, core, model, [[jobs[i] for i in share] for share in shares], folder) as guests:
            for _ in zip(
                progress(range(len(jobs)), f"Emulating {core.name}"), _finished(guests, silence), strict=False
            ):
                pass
            _ended(guests)
        vectors = np.empty((len(jobs), 0), np.float32)
        for guest, share in zip(guests, shares, strict=True):
            given = np.load(guest.out, allow_pickle=False)
            vectors = np.empty((len(jobs), given.shape[1]), np.float32) if not vectors.shape[1] else vectors
            vectors[share] = given
    return Ran(vectors, json.loads(guests[0].printed.split(b"\n")[0]))


@dataclass
class _Guest:
    process: subprocess.Popen[bytes]
    out: Path
    errors: Path
    printed: bytes = b""


@contextmanager
def _started(
    root: Root, core: Core, model: Path, shares: list[list[Job]], folder: Path
) -> Iterator[list[_Guest]]:
    guests: list[_Guest] = []
    try:
        for n, share in enumerate(shares):
            jobs, out, errors = folder / f"jobs-{n}.json", folder / f"out-{n}.npy", folder / f"errors-{n}"
            jobs.write_text(json.dumps(share), "utf-8")
            asked = [str(model.resolve()), str(jobs), str(out), *(["half"] if core.half else [])]
            command = [*root.command(core), str(GUEST), *asked]
            guests.append(_Guest(_start(command, root, errors), out, errors))
        yield guests
    finally:
        for guest in guests:
            guest.process.kill()
            guest.process.wait()
            if guest.process.stdout:
                guest.process.stdout.close()


def _start(command: list[str], root: Root, errors: Path) -> subprocess.Popen[bytes]:
    try:
        with errors.open("wb") as stream:
            return subprocess.Popen(  # noqa: S603 - a list, not a shell's line
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=stream, env=root.environment
            )
    except OSError as error:
        raise StoppedError(
            f"{command[0]}: can't be run ({error.strerror or error}); remove {root.folder} "
            "and set it up again."
        ) from None


def _finished(guests: list[_Guest], silence: float) -> Iterator[None]:
    # Yields once for every job that any of them reports.
    with selectors.DefaultSelector() as selector:
        for guest in guests:
            selector.register(guest.process.stdout, selectors.EVENT_READ, guest)  # type: ignore[arg-type]
        while selector.get_map():
            ready = selector.select(silence)
            if not ready:
                raise StoppedError(f"no text was finished in {silence:.0f} s, so the emulator hangs.")
            for key, _ in ready:
                block = os.read(key.fd, 1 << 16)
                key.data.printed += block
                if not block:
                    selector.unregister(key.fileobj)
                    _check(key.data)
                yield from [None] * block.count(b"done\n")


def _ended(guests: list[_Guest]) -> None:
    for guest in guests:
        _check(guest)


def _check(guest: _Guest) -> None:
    code = guest.process.wait()
    said = last_words(guest.errors.read_text("utf-8", "replace"), 1)
    if signal := ended_by(code):
        raise StoppedError(f"the emulated process was ended by {signal}: {said}")
    if code == REFUSED:
        raise RefusedError(f"LiteRT on ARM can't open the model ({said}).")
    if code:
        raise RefusedError(f"LiteRT on ARM failed with exit code {code} ({said}).")
