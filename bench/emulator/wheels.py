"""PyPI's part of the root: aarch64 wheels by pip, unpacked into one folder."""

from __future__ import annotations

import shutil
import sys
import zipfile
from pathlib import Path

from pocketrag.console import status
from pocketrag.errors import InputError

from .tools import call

#: glibc's versions that a wheel may ask for: 2.36 is Debian 12's, the oldest root.
PLATFORMS = ("manylinux2014_aarch64", *(f"manylinux_2_{minor}_aarch64" for minor in range(17, 37)))


def fetch(litert: str, python: str, folder: Path) -> list[Path]:
    """Download a version of ai-edge-litert with all that it asks for, for the guest's Python ("3.11").

    Raises:
        InputError: no pip, no network, or no such wheel.

    """
    shutil.rmtree(folder, ignore_errors=True)  # wheels of an earlier try; pip's own cache keeps the bytes
    try:
        call([sys.executable, "-m", "pip", "--version"], "pip")
    except InputError as error:
        raise InputError(f"{error} `{sys.executable} -m ensurepip` brings pip.") from None
    status(f"fetching ai-edge-litert {litert} for arm64 and Python {python}")
    platforms = [argument for name in PLATFORMS for argument in ("--platform", name)]
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--disable-pip-version-check",
        "--only-binary=:all:",
    ]
    command += [*platforms, "--python-version", python, "--implementation", "cp", "--dest", str(folder)]
    call([*command, f"ai-edge-litert=={litert}"], "PyPI's wheels")
    return sorted(folder.glob("*.whl"))


def unpack(wheels: list[Path], site: Path) -> None:
    """Unpack wheels side by side into `site`, their libraries' data folders left out.

    Raises:
        InputError: one is damaged.

    """
    site.mkdir()
    for wheel in wheels:
        try:
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(site)  # it keeps to the folder: drives, roots and `..` are dropped
        except (zipfile.BadZipFile, OSError) as error:
            raise InputError(
                f"{wheel.name}: can't be unpacked ({error}); run the same command again."
            ) from None
