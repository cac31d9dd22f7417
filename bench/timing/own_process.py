"""Run a module of ours in a process of its own, so that time and memory are its work's alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

from pocketrag.errors import PocketragError

from .process import ONE_THREAD

#: Seconds after which a process that measures is given up: EmbeddingGemma takes about 60.
TIMEOUT_S = 900


def own_process(module: str, arguments: Sequence[str], given: object, what: str, remedy: str = "") -> Any:  # noqa: ANN401
    """Return the JSON value of the last line that `module` prints; `given` is JSON on its standard input.

    Args:
        module: run with `python -m`.
        arguments: its own.
        given: any JSON value.
        what: is measured, for the message.
        remedy: what to do where it takes too long.

    Raises:
        PocketragError: it ended early, or was not done after `TIMEOUT_S`.

    """
    try:
        done = subprocess.run(  # noqa: S603 - our own module, arguments as a list
            [sys.executable, "-m", module, *arguments],
            input=json.dumps(given),
            capture_output=True,
            text=True,
            # NumPy's threads would take the cores that LiteRT is measured on.
            env={**os.environ, **ONE_THREAD},
            timeout=TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise PocketragError(f"{what}: not done after {TIMEOUT_S} s{remedy}.") from None
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        raise PocketragError(f"{what}: the process that measures ended early ({last}).")
    return json.loads(done.stdout.splitlines()[-1])
