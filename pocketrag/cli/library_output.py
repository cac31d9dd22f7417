"""What libraries print and log goes to a file, so that people see the verb's own lines alone.

They write to the descriptors of standard output and standard error, from Python, C++ and processes of their
own; so these are turned, and the verb's own lines go to copies of what they were.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from pocketrag import console

STDOUT, STDERR = 1, 2
#: Bytes of earlier commands from which on a log begins anew.
MOST = 5_000_000


@contextmanager
def kept_in(log: Path | None, command: str) -> Iterator[TextIO]:
    """Send what libraries write to `log`, behind what earlier commands left there; None drops it.

    Args:
        log: a file; its folder is made.
        command: what was typed, which heads it.

    Yields standard output as it was, for the result.

    Raises:
        OSError: the file can't be written.

    """
    with _opened(log) as file, _copies() as (result, seen):
        file.write(f"--- {time.strftime('%Y-%m-%d %H:%M:%S')} {command}\n")
        file.flush()
        kept = [os.dup(STDOUT), os.dup(STDERR)]
        for number in (STDOUT, STDERR):
            os.dup2(file.fileno(), number)
        console.out.file, console.err.file = result, seen
        console.copy_to(file)
        try:
            yield result
        finally:
            _flush()
            console.copy_to(None)
            for number, before in zip((STDOUT, STDERR), kept, strict=True):
                os.dup2(before, number)
                os.close(before)
            console.out.file, console.err.file = sys.stdout, sys.stderr


def _opened(log: Path | None) -> TextIO:
    if log is None:
        return Path(os.devnull).open("a", encoding="utf-8", errors="backslashreplace")
    log.parent.mkdir(parents=True, exist_ok=True)
    anew = log.is_file() and log.stat().st_size > MOST
    return log.open("w" if anew else "a", encoding="utf-8", errors="backslashreplace")


@contextmanager
def _copies() -> Iterator[tuple[TextIO, TextIO]]:
    _flush()
    with _copy(sys.stdout, STDOUT) as result, _copy(sys.stderr, STDERR) as seen:
        yield result, seen


def _copy(stream: TextIO, number: int) -> TextIO:
    return os.fdopen(os.dup(number), "w", buffering=1, encoding=stream.encoding, errors=stream.errors)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
