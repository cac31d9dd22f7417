"""One process makes a stage; a second one that would make the same waits for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from pocketrag.console import status


@contextmanager
def held(folder: Path) -> Iterator[bool]:
    """Hold the lock of the stage at `folder`, and say whether another process had it before.

    The operating system takes it back from a process that dies. Where a file system knows no locks there is
    none.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder.with_name(f".{folder.name}.lock"))
    try:
        waited = _acquired(lock, folder.name)
    except NotImplementedError:
        yield False
        return
    try:
        yield waited
    finally:
        lock.release()


def _acquired(lock: FileLock, name: str) -> bool:
    try:
        lock.acquire(timeout=0)
    except Timeout:
        status(f"{name}: another process is making it; waiting")
        lock.acquire()
        return True
    return False
