"""Calling the system's programs, with argument lists and never a shell; what fails is one clear message."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from pocketrag.errors import InputError

#: Minutes: a slow line takes some for 100 MB; a hung mirror must not hold a CI job for ever.
TIMEOUT_MINUTES = 30


def need(program: str, why: str) -> str:
    """Return the path of a program.

    Raises:
        InputError: it is not there; `why` says who has it.

    """
    found = shutil.which(program)
    if not found:
        raise InputError(f"{program}: not on this system; {why}")
    return found


def call(command: Sequence[str], what: str, environment: Mapping[str, str] | None = None) -> str:
    """Run a program, by default with our own environment, and return its standard output and standard error.

    Raises:
        InputError: it failed or hung; the message ends with its own last words.

    """
    if environment is None:
        environment = {**os.environ, "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(  # noqa: S603 - a list, not a shell's line
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env=environment,
            timeout=TIMEOUT_MINUTES * 60,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise InputError(
            f"{what}: not done after {TIMEOUT_MINUTES} minutes; mend the network and run it again."
        ) from None
    except OSError as error:
        raise InputError(f"{what}: {command[0]} can't be run ({error.strerror or error}).") from None
    if done.returncode:
        number = ended_by(done.returncode)
        how = f"was ended by {number}" if number else f"failed with exit code {done.returncode}"
        raise InputError(f"{what}: {Path(command[0]).name} {how}: {last_words(done.stdout)}")
    return done.stdout


def ended_by(code: int) -> str | None:
    """Return the name of the signal that ended a process, by its exit code: -n, or 128 + n as a shell says.

    None for no signal.
    """
    number = -code if code < 0 else code - 128 if code > 128 else 0
    names = {int(known): known.name for known in signal.Signals}
    return names.get(number, f"signal {number}") if number else None


def last_words(printed: str, most: int = 3) -> str:
    """Return the last lines that say what went wrong: those marked as errors, else the last ones."""
    lines = [line.strip() for line in printed.splitlines() if line.strip()]
    marked = [
        line for line in lines if line.startswith(("E:", "Err:", "ERROR", "W: Failed", "dpkg-deb: error"))
    ]
    return "; ".join((marked or lines)[-most:])[:600] or "it said nothing"
