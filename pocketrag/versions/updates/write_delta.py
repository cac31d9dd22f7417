"""Two bundles -> the file of a delta: what each file of the new one is made of, packed and signed."""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pocketrag.console import status
from pocketrag.errors import InputError
from pocketrag.formats.manifest import SUMS
from pocketrag.formats.update.delta_manifest import (
    DELTA,
    KIND,
    SIGNATURE,
    DeltaManifest,
    Entry,
    NewFile,
)
from pocketrag.formats.update.signature import key_id, public_of
from pocketrag.formats.update.signed_json import FORMAT
from pocketrag.formats.update.version_order import version_order

from .make_patch import make_patch
from .whole_bundle import WholeBundle

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

#: The earliest that a ZIP can say, so that the same bundles give the same bytes.
DATE = (1980, 1, 1, 0, 0, 0)
#: Unix, and a file that everyone may read.
SYSTEM, MODE = 3, 0o644 << 16
WHOLE = "this needs the whole bundle"
#: zlib's best.
LEVEL = 9
#: A patch that saves less than a tenth is not worth a second file to read on the phone.
WORTH = 0.9


class Planned(NamedTuple):
    """A file of the new bundle, and the parts of its patch, if it is one."""

    file: NewFile
    parts: tuple[bytes, ...] = ()


def refusal(old: WholeBundle, new: WholeBundle) -> str | None:
    """Return why there is no delta between two bundles; None where there is one."""
    before, after = old.manifest, new.manifest
    if before.name != after.name:
        return f"another bundle, {after.name!r} in place of {before.name!r}"
    if before.contract != after.contract:
        return f"another contract, {after.contract} in place of {before.contract}: {WHOLE}"
    if before.vectors_model_id != after.vectors_model_id:
        return (
            f"another teacher, {after.vectors_model_id} in place of {before.vectors_model_id}, so every "
            f"vector differs: {WHOLE}"
        )
    if old.side.manifest_sha256 == new.side.manifest_sha256:
        return "nothing differs"
    if version_order(before.version) == version_order(after.version):
        return f"both are version {after.version}: raise `version` in the recipe and build"
    return None


def write_delta(
    old: WholeBundle, new: WholeBundle, private: Ed25519PrivateKey | None, target: Path
) -> DeltaManifest:
    """Write the delta from `old` to `new` to `target`, unsigned where there is no key; return what it says.

    Raises:
        InputError: there is no delta between the two.

    """
    if reason := refusal(old, new):
        raise InputError(f"{new.folder}: no delta from {old.folder}: {reason}.")
    planned = {name: _planned(old, new, name, str(number)) for number, name in enumerate(sorted(new.files))}
    delta = DeltaManifest(
        kind=KIND,
        format=FORMAT,
        name=new.manifest.name,
        contract=new.manifest.contract,
        key=key_id(public_of(private)) if private else None,
        old=old.side,
        new=new.side,
        files={name: one.file for name, one in planned.items()},
        entries=_entries(planned),
    )
    _pack(target, delta, planned, new.folder, private)
    return delta


def _planned(old: WholeBundle, new: WholeBundle, name: str, entry: str) -> Planned:
    own, there = new.files[name], _sources(old)
    size = {"bytes": own.bytes, "sha256": own.sha256}
    same = [source for source in (name, *sorted(there)) if there.get(source) == own.sha256]
    if same:
        return Planned(NewFile.read({**size, "how": "same", "from": same[0], "from_sha256": own.sha256}))
    if name in there:
        status(f"comparing {name}")
        parts = make_patch(old.folder / name, new.folder / name)
        if sum(map(_packed, parts)) < WORTH * _packed((new.folder / name).read_bytes()):
            source = {"from": name, "from_sha256": there[name]}
            return Planned(NewFile.read({**size, "how": "patch", **source, "entry": entry}), parts)
    return Planned(NewFile.read({**size, "how": "whole", "entry": entry}))


def _sources(old: WholeBundle) -> dict[str, str]:
    # An app keeps the files that the manifest lists, and the manifest itself.
    return {name: file.sha256 for name, file in old.files.items() if name != SUMS}


def _entries(planned: Mapping[str, Planned]) -> dict[str, Entry]:
    found = {}
    for one in planned.values():
        if one.file.how == "whole":
            found[one.file.entries[0]] = Entry(bytes=one.file.bytes, sha256=one.file.sha256)
        for name, part in zip(one.file.entries, one.parts, strict=False):
            found[name] = Entry(bytes=len(part), sha256=hashlib.sha256(part).hexdigest())
    return found


def _pack(
    target: Path,
    delta: DeltaManifest,
    planned: Mapping[str, Planned],
    folder: Path,
    private: Ed25519PrivateKey | None,
) -> None:
    signed = delta.encoded()
    with zipfile.ZipFile(target, "w") as archive:
        _put(archive, DELTA, signed)
        if private:
            _put(archive, SIGNATURE, private.sign(signed))
        for name, one in planned.items():
            parts = one.parts if one.file.how != "whole" else ((folder / name).read_bytes(),)
            for entry, part in zip(one.file.entries, parts, strict=True):
                _put(archive, entry, part)


def _put(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    info = zipfile.ZipInfo(name, DATE)
    info.create_system, info.external_attr = SYSTEM, MODE
    method = zipfile.ZIP_DEFLATED if _packed(data) < len(data) else zipfile.ZIP_STORED
    archive.writestr(info, data, method, LEVEL)


def _packed(data: bytes) -> int:
    """Return the bytes that a part takes in the ZIP: deflated, or as it is where that is smaller."""
    deflate = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    return min(len(data), len(deflate.compress(data)) + len(deflate.flush()))


def carried(target: Path, delta: DeltaManifest) -> dict[str, int]:
    """Return the packed bytes that a delta's file carries for each file of the new bundle."""
    with zipfile.ZipFile(target) as archive:
        sizes = {info.filename: info.compress_size for info in archive.infolist()}
    return {name: sum(sizes[entry] for entry in file.entries) for name, file in delta.files.items()}
