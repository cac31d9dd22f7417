"""What this machine has free: memory and disk."""

from __future__ import annotations

import os
import shutil
from pathlib import Path


def free_memory() -> int:
    """Return how many bytes this process may still use: of the machine, and of its control group."""
    return min(_machine(), _group())


def free_disk(folder: Path) -> int:
    """Return how many bytes may still be written below `folder`, which need not exist yet."""
    there = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    return shutil.disk_usage(there).free


def _machine(file: Path = Path("/proc/meminfo")) -> int:
    if file.is_file():
        for line in file.read_text("utf-8").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    return int(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))


def _group(folder: Path = Path("/sys/fs/cgroup")) -> int:
    # Containers: version 2 of control groups (https://docs.kernel.org/admin-guide/cgroup-v2.html).
    try:
        limit = int((folder / "memory.max").read_text("utf-8"))
        return limit - int((folder / "memory.current").read_text("utf-8"))
    except (OSError, ValueError):
        return 1 << 62
