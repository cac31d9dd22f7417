"""What the arm64 root is made of, where it lies in the user's cache, and how it is called."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pocketrag.errors import InputError
from pocketrag.formats import files

from .cores import CORES, Core

#: What is called wherever the root's absence is reported.
COMMAND = "python -m pocketrag.bench.emulator.setup"
#: The emulated LiteRT unless a bundle's manifest names the export's: that of our own [export].
LITERT = "2.3.0"
#: Python and LiteRT's libraries for the guest, with all that these ask for; and qemu for the host.
DEBIAN = ("python3-minimal", "libpython3-stdlib", "libstdc++6")
QEMU_PACKAGE, QEMU = "qemu-user-static", "qemu-aarch64-static"
#: Changed when a root of the same list is to be built in another way.
LAYOUT = 1
FACTS = "root.json"
#: What runs inside the emulator.
GUEST = Path(__file__).with_name("guest.py")


@dataclass(frozen=True)
class Root:
    """A root that was built and proved to start."""

    folder: Path
    facts: dict[str, Any]
    """Versions: `litert`, `numpy`, `python`, `qemu`, `machine`; `debian`, the packages."""

    def command(self, core: Core) -> list[str]:
        """Return what runs the guest's Python on a core; its arguments follow."""
        python = self.folder / "root" / "usr" / "bin" / str(self.facts["python"])
        return [
            str(self.folder / QEMU),
            "-L",
            str(self.folder / "cpus" / core.folder),
            "-cpu",
            core.cpu,
            str(python),
            "-B",
            "-s",
        ]

    @property
    def environment(self) -> dict[str, str]:
        """The guest's whole environment: nothing of the host's gets in."""
        home = self.folder / "root" / "usr"
        return {
            "PYTHONHOME": str(home),
            "PYTHONPATH": str(self.folder / "site"),
            "LC_ALL": "C.UTF-8",
            "OMP_NUM_THREADS": "1",
        }


def cache() -> Path:
    """Return the folder of all roots: `$XDG_CACHE_HOME/pocketrag/emulator`, by default below `~/.cache`."""
    home = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(home) if Path(home).is_absolute() else Path.home() / ".cache") / "pocketrag" / "emulator"


def contents(litert: str) -> dict[str, Any]:
    """Return the list that a root is made from."""
    cores = [repr(core) for core in CORES]
    return {"layout": LAYOUT, "debian": DEBIAN, "qemu": QEMU_PACKAGE, "litert": litert, "cores": cores}


def folder_of(litert: str) -> Path:
    """Return where the root of a version of ai-edge-litert lies, or would.

    Raises:
        InputError: it is not a version number.

    """
    if not re.fullmatch(r"\d{1,4}(\.\d{1,4}){1,3}", litert):
        raise InputError(f"ai-edge-litert {litert!r}: not a version such as {LITERT}.")
    return cache() / files.digest_of(contents(litert))[:16]


def find_root(litert: str) -> Root:
    """Return the root of a version of ai-edge-litert.

    Raises:
        InputError: there is none; the message says how to build it.

    """
    folder, option = folder_of(litert), "" if litert == LITERT else f" --litert {litert}"
    if not (folder / FACTS).is_file():
        raise InputError(
            f"no arm64 root with ai-edge-litert {litert} in {cache()}; build it once with "
            f"`{COMMAND}{option}`."
        )
    facts = files.read_json(folder / FACTS)
    missing = [
        path
        for path in (QEMU, "site", "root", *(f"cpus/{core.folder}" for core in CORES))
        if not (folder / path).exists()
    ]
    if missing or not isinstance(facts, dict) or "python" not in facts:
        raise InputError(
            f"{folder}: is not whole ({', '.join(missing) or FACTS}); remove it and call "
            f"`{COMMAND}{option}` again."
        )
    return Root(folder, facts)
