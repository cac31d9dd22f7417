"""Build the arm64 root, once: `python -m pocketrag.bench.emulator.setup`.

Debian's arm64 Python and C++ library and its `qemu-user-static` (by apt), ai-edge-litert and NumPy for arm64
(by pip), into the user's cache folder. Nothing of the system changes, no administrator is needed. A root that
starts under qemu is renamed into its place as a whole; two processes build one after the other, and the
second finds it built. What was fetched before a failure is fetched no second time.

Measured on Debian 12: 130 MB are downloaded (19 MB lists, 78 MB packages, 31 MB wheels), 21 s on two quiet
cores and a fast line,
0.8 GB of disk while it builds, 188 MB kept.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pocketrag import console
from pocketrag.console import status
from pocketrag.errors import InputError
from pocketrag.formats import files

from . import debian, wheels
from .contents import FACTS, GUEST, LITERT, QEMU, Root, cache, find_root, folder_of
from .cores import CORES, furnish
from .tools import call

#: Bytes: downloads, all of qemu's targets and the root side by side (0.8 GB on Debian 12 and 13), and half as
#: much to spare.
NEEDED = 1_200_000_000
SHOWN = ("litert", "numpy", "python", "machine", "qemu")


def setup(litert: str = LITERT, sources: Path | None = None) -> Root:
    """Build the root of a version of ai-edge-litert unless it is there; return it.

    Args:
        litert: the version, such as "2.3.0".
        sources: a file of apt sources with arm64 to use instead of the system's own.

    Raises:
        InputError: no apt or pip on this system, an unknown host, no network, no space, or a root that does
            not start.

    """
    target, home = folder_of(litert), cache()
    _make(home)
    with _alone(home / ".lock"):
        try:
            return find_root(litert)
        except InputError:
            _need_space(home)
        with files.new_folder(target) as folder:
            _build(folder, litert, sources, home / "downloads")
    shutil.rmtree(home / "downloads", ignore_errors=True)
    return find_root(litert)


def _build(folder: Path, litert: str, sources: Path | None, downloads: Path) -> None:
    packages = debian.fetch(downloads, sources)
    debian.unpack(packages, folder, downloads / "unpacked")
    python = _python(folder)
    wheels.unpack(wheels.fetch(litert, python.removeprefix("python"), downloads / "wheels"), folder / "site")
    for core in CORES:
        furnish(folder, core)
    facts = {"python": python, "debian": packages.versions}
    facts |= prove(Root(folder, facts))
    (folder / FACTS).write_text(files.to_json(facts), "utf-8")


def prove(root: Root) -> dict[str, Any]:
    """Start LiteRT in a root on the core that decides; return `litert`, `numpy`, `machine` and `qemu`.

    Raises:
        InputError: it does not start.

    """
    status("starting LiteRT in it")
    qemu = (
        call([str(root.folder / QEMU), "--version"], "qemu")
        .split("version ")[-1]
        .split("\n")[0]
        .split(" ")[0]
    )
    said = call([*root.command(CORES[0]), str(GUEST)], f"LiteRT under qemu {qemu}", root.environment)
    try:
        facts = json.loads(said.strip().splitlines()[-1])
    except (ValueError, IndexError):
        raise InputError(
            f"LiteRT under qemu {qemu}: it said {said[-200:]!r} instead of its versions."
        ) from None
    facts.pop("runtime", None)
    return {**facts, "qemu": qemu}


def _python(folder: Path) -> str:
    found = sorted(
        p.name for p in (folder / "root" / "usr" / "bin").glob("python3.*") if p.name[8:].isdigit()
    )
    if not found:
        raise InputError("Debian's packages: they hold no usr/bin/python3.N; use other --sources.")
    return found[-1]


def _make(home: Path) -> None:
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"{home}: can't be made ({error.strerror}); set XDG_CACHE_HOME to a folder that can be written."
        ) from None


def _need_space(home: Path) -> None:
    free = shutil.disk_usage(home).free
    if free < NEEDED:
        raise InputError(
            f"{home}: {free / 1e6:.0f} MB are free, {NEEDED / 1e6:.0f} are needed; set "
            "XDG_CACHE_HOME to another disk."
        )


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    with lock.open("w") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            status("another process builds it; waiting")
            fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def main() -> int:
    """Build the root and print what it is; return the exit code."""
    parser = argparse.ArgumentParser(
        description="Build the arm64 root for `pocketrag verify --emulator`, once."
    )
    parser.add_argument(
        "--litert", default=LITERT, metavar="VERSION", help="of ai-edge-litert (default: %(default)s)"
    )
    parser.add_argument(
        "--sources", type=Path, metavar="FILE", help="apt sources with arm64, instead of the system's own"
    )
    arguments = parser.parse_args()
    try:
        root = setup(arguments.litert, arguments.sources)
    except InputError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    status(str(root.folder))
    console.table("Arm64 root", ("what", "version"), [(name, root.facts[name]) for name in SHOWN])
    return 0


if __name__ == "__main__":
    sys.exit(main())
