"""A delta's file, opened: nothing is believed before its signature, no part beyond its size and digest."""

from __future__ import annotations

import hashlib
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from pocketrag.errors import InputError
from pocketrag.formats.update.delta_manifest import (
    DELTA,
    MOST,
    SIGNATURE,
    DeltaManifest,
    Entry,
    read_delta_manifest,
)
from pocketrag.formats.update.patch_parts import PatchError
from pocketrag.formats.update.signature import SIGNATURE as SIGNATURE_BYTES
from pocketrag.formats.update.signature import is_signed, key_id
from pocketrag.formats.update.signed_json import json_object

#: What zipfile and zlib raise for damaged bytes; RuntimeError for passwords and, below it, unknown methods.
DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    RuntimeError,
    UnicodeDecodeError,
    ValueError,
    KeyError,
)
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class Part:
    """An entry as it is read: no byte beyond the size that `delta.json` says, and its digest at the end."""

    def __init__(self, stream: IO[bytes], entry: Entry) -> None:
        """Read `entry` from the unpacked bytes of `stream`."""
        self._stream, self._entry = stream, entry
        self._left, self._digest = entry.bytes, hashlib.sha256()

    def read(self, count: int) -> bytes:
        """Return at most `count` bytes, none at the end."""
        data = self._stream.read(min(count, self._left))
        self._left -= len(data)
        self._digest.update(data)
        return data

    def close(self) -> None:
        """Check that all was read, and that it was what was signed.

        Raises:
            PatchError: it is not.

        """
        if self._left or self._stream.read(1) or self._digest.hexdigest() != self._entry.sha256:
            raise PatchError("a part is not the one that was signed")


class OpenDelta:
    """A delta whose signature holds, and the reader of its parts."""

    def __init__(self, archive: zipfile.ZipFile, manifest: DeltaManifest) -> None:
        """Take an archive whose entries were checked against `manifest`."""
        self._archive, self.manifest = archive, manifest

    @contextmanager
    def part(self, name: str) -> Iterator[Part]:
        """Give the reader of an entry, and check its size and digest once it was read."""
        with self._archive.open(name) as stream:
            part = Part(stream, self.manifest.entries[name])
            yield part
            part.close()


@contextmanager
def open_delta(file: Path, public: bytes | None) -> Iterator[OpenDelta]:
    """Open a delta that the owner of `public` (raw, 32 bytes) signed; with None, one that was just written.

    Raises:
        InputError: it is no delta, damaged or truncated, unsigned, or signed by another key. Damage that is
            found while the parts are read is said in the same words.

    """
    if not file.is_file():
        raise InputError(f"{file}: no such file. Make it with `pocketrag delta OLD NEW --key FILE`.")
    try:
        with zipfile.ZipFile(file) as archive:
            yield OpenDelta(archive, _checked(file, archive, public))
    except DAMAGE as error:
        raise InputError(f"{file}: not a delta, or damaged or truncated ({error}). Fetch it again.") from None


def _checked(file: Path, archive: zipfile.ZipFile, public: bytes | None) -> DeltaManifest:
    names = archive.namelist()
    if len(set(names)) != len(names) or names[:1] != [DELTA]:
        raise PatchError(f"its entries are not those of a delta, which begin with {DELTA}")
    data = _read(archive, DELTA, MOST)
    if public is not None:
        _check_signature(file, archive, data, public)
    delta = read_delta_manifest(data, str(file))
    if set(names) - {DELTA, SIGNATURE} != set(delta.entries):
        raise PatchError(f"its entries are not those of {DELTA}")
    for name, entry in delta.entries.items():
        info = archive.getinfo(name)
        if info.file_size != entry.bytes or info.compress_type not in METHODS:
            raise PatchError(f"{name} has not the size that was signed")
    return delta


def _check_signature(file: Path, archive: zipfile.ZipFile, data: bytes, public: bytes) -> None:
    if SIGNATURE not in archive.namelist():
        raise InputError(
            f"{file}: unsigned, and so no app takes it. Make it with `pocketrag delta OLD NEW --key FILE`."
        )
    if is_signed(public, _read(archive, SIGNATURE, SIGNATURE_BYTES), data):
        return
    own, key = key_id(public), (json_object(data) or {}).get("key")
    if key != own and isinstance(key, str):
        raise InputError(f"{file}: signed by another key, {key[:16]} in place of {own}.")
    raise PatchError("its signature does not fit")


def _read(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    with archive.open(name) as stream:
        data = stream.read(most + 1)
    if len(data) > most:
        raise PatchError(f"{name} is too large")
    return data
