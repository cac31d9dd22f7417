"""The folder of a bundle's NPU files: one `.tflite` a system on a chip, and `npu.json`, which lists them."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import ValidationError

from pocketrag.errors import InputError

from .. import files
from ..facts.npu import CONTRACT, NpuFile, NpuProof, NpuSpec

__all__ = ["CONTRACT", "NOTICE", "SPEC", "SUFFIX", "SUMS", "NpuFile", "NpuProof", "NpuSpec"]

SPEC = "npu.json"
NOTICE = "NOTICE"
SUMS = files.SUMS
#: Beside a bundle, `android_assets/NAME`, lie its NPU files, `android_assets/NAME.npu`.
SUFFIX = ".npu"
AGAIN = "make it again (`pocketrag npu RECIPE`)"


def npu_beside(bundle: Path) -> Path:
    """Return where the NPU files of a bundle lie, if it has some."""
    return files.beside(bundle, SUFFIX)


def read_npu(folder: Path) -> NpuSpec:
    """Read `npu.json`, and check the digests of all that lies beside it.

    Raises:
        InputError: a file is missing, damaged, not listed or of another contract.

    """
    spec = read_spec(folder)
    try:
        listed = files.read_sums(folder)
    except InputError as error:
        raise InputError(f"{folder}: {error}; {AGAIN}.") from None
    wanted = {NOTICE, SPEC, *(file.file for file in spec.files.values())}
    if other := set(listed) ^ wanted:
        raise InputError(f"{folder / SUMS}: {min(other)} is in it or in {SPEC}, not in both; {AGAIN}.")
    for name, digest in listed.items():
        _check(files.inside(folder, name), digest)
    for file in spec.files.values():
        if (listed[file.file], (folder / file.file).stat().st_size) != (file.sha256, file.bytes):
            raise InputError(f"{folder / file.file}: not the file of {SPEC}; {AGAIN}.")
    return spec


def read_spec(folder: Path) -> NpuSpec:
    """Read `npu.json` alone.

    Raises:
        InputError: it is missing, of another contract, or not to the letter what is written there.

    """
    file = folder / SPEC
    try:
        found = files.read_json(file)
    except InputError as error:
        raise InputError(f"{str(error).rstrip('.')}; {AGAIN}.") from None
    if isinstance(found, dict) and found.get("contract") not in (None, CONTRACT):
        raise InputError(f"{file}: contract {found['contract']}; this pocketrag reads {CONTRACT}; {AGAIN}.")
    try:
        return NpuSpec.model_validate_json(file.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"]))
        said = first["msg"].removeprefix("Value error, ")
        raise InputError(f"{file}: {f'`{key}`: ' if key else ''}{said}; {AGAIN}.") from None


def claim(folder: Path) -> None:
    """Check that NPU files may be put at `folder`.

    Raises:
        InputError: something else lies there.

    """
    if not files.is_free(folder, SPEC):
        raise InputError(f"{folder}: exists and holds no NPU files of ours; it is left alone. Move it away.")
    above = next(parent for parent in folder.absolute().parents if parent.exists())
    if not (above.is_dir() and os.access(above, os.W_OK | os.X_OK)):
        raise InputError(f"{folder}: can't be made, {above} takes no files.")


def _check(file: Path, digest: str) -> None:
    if not file.is_file():
        raise InputError(f"{file}: missing; {AGAIN}.")
    if files.sha256(file) != digest:
        raise InputError(f"{file}: not the file that was compiled (its SHA-256 differs); {AGAIN}.")
