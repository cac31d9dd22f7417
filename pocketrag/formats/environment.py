"""When, where and with what something was measured: without it a number can't be compared with another."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from datetime import datetime, timezone
from importlib import metadata
from pathlib import Path

from .facts.phone.environment import EnvironmentFacts, Machine

#: What opens, searches and times a bundle. Packages that only build one are named in its manifest.
PACKAGES = ("pocketrag", "ai-edge-litert", "numpy", "apsw", "sqlite-vec", "sentencepiece", "tokenizers")
#: Seconds that git may take; a report is not worth more.
TIMEOUT_S = 10


def environment() -> EnvironmentFacts:
    """Return time (ISO 8601, UTC), machine, versions, and the working directory's git commit and state.

    It names no host, no user and no folder, for reports are handed on. What can't be found out is None.
    """
    commit = _git("rev-parse", "HEAD") or None
    changed = _git("status", "--porcelain", "--untracked-files=no") if commit else None
    return EnvironmentFacts(
        time=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        machine=_machine(),
        versions=_versions(),
        commit=commit,
        dirty=None if changed is None else bool(changed),
    )


def _machine() -> Machine:
    return Machine(
        system=f"{platform.system()} {platform.release()}",
        architecture=platform.machine(),
        processor=processor(),
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        memory_gb=_memory(),
    )


def processor() -> str | None:
    """Return the processor's name, None where the system does not say it."""
    # On Linux `platform.processor()` is empty or repeats the architecture; ARM kernels give no model name.
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines()
    except OSError:
        return platform.processor() or None
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), None)


def _memory() -> float | None:
    try:
        return round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9, 1)
    except (AttributeError, OSError, ValueError):
        return None


def _versions() -> dict[str, str]:
    found = {package: _version(package) for package in PACKAGES}
    return {
        "python": platform.python_version(),
        **{name: version for name, version in found.items() if version},
    }


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _git(*arguments: str) -> str | None:
    # The repository is whatever the user stands in: nothing that it configures is run, and its index is not
    # written.
    program = shutil.which("git")
    if program is None:
        return None
    command = [program, "-c", "core.fsmonitor=false", *arguments]
    try:
        done = subprocess.run(  # noqa: S603 - an argument list of our own
            command,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            env={**os.environ, "GIT_OPTIONAL_LOCKS": "0"},
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
