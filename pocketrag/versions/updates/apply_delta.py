"""A delta and the bundle that it is for -> the new bundle, every file proved by its digest."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

from pocketrag.errors import InputError
from pocketrag.formats.bundle_check import checked
from pocketrag.formats.manifest import CONTRACT, MANIFEST, READ, SUMS
from pocketrag.formats.update.delta_manifest import DeltaManifest, NewFile
from pocketrag.formats.update.patch_parts import BUFFER, PatchError, patched
from pocketrag.formats.update.version_order import is_newer

from .read_delta import OpenDelta
from .whole_bundle import WholeBundle


def check_base(delta: DeltaManifest, base: WholeBundle, *, rollback: bool) -> None:
    """Check that a delta is for this bundle, and leads forward unless a rollback was asked for.

    Raises:
        InputError: it is for another bundle, contract or version, or leads back.

    """
    own = base.manifest
    if reason := _refusal(delta, base):
        raise InputError(f"{base.folder}: {own.name} {own.version}; the delta is {reason}.")
    if not rollback and not is_newer(delta.new.version, own.version):
        raise InputError(
            f"{base.folder}: version {own.version}, and the delta leads back to {delta.new.version}. "
            "Ask for that with --rollback."
        )


def _refusal(delta: DeltaManifest, base: WholeBundle) -> str | None:
    if delta.name != base.manifest.name:
        return f"for another bundle, {delta.name!r}"
    if delta.contract not in READ:
        newer = ": take a newer pocketrag" if delta.contract > CONTRACT else ""
        return f"of contract {delta.contract}; this pocketrag reads {' and '.join(map(str, READ))}{newer}"
    if delta.contract != base.manifest.contract:
        return f"of another contract, {delta.contract} in place of {base.manifest.contract}"
    if delta.old.manifest_sha256 != base.side.manifest_sha256:
        return f"for another base, version {delta.old.version} (its {MANIFEST} has another SHA-256)"
    there = {name: file.sha256 for name, file in base.files.items()}
    sources = {file.from_: file.from_sha256 for file in delta.files.values() if file.from_}
    differ = [name for name, sha256 in sources.items() if there.get(name) != sha256]
    return f"for another base: its {differ[0]} has another SHA-256" if differ else None


def apply_delta(delta: OpenDelta, base: WholeBundle, folder: Path) -> None:
    """Write the new bundle into an empty folder; what `check_base` says must have been asked before.

    Raises:
        PatchError: a part or a file that came out is not the one that was signed.
        InputError: there is no room, or what was signed is not a bundle.

    """
    if (free := shutil.disk_usage(folder).free) < delta.manifest.total:
        raise InputError(
            f"{folder.parent}: {delta.manifest.total:,} bytes are needed and {free:,} are free. Make room."
        )
    for name, file in delta.manifest.files.items():
        _write(folder / name, file, _content(delta, base.folder, file))
    new, made = delta.manifest.new, checked(folder)
    if {*made.files, MANIFEST, SUMS} != set(delta.manifest.files) or (
        made.name,
        made.contract,
        made.version,
        made.model_id,
        delta.manifest.files[MANIFEST].sha256,
    ) != (delta.manifest.name, delta.manifest.contract, new.version, new.model_id, new.manifest_sha256):
        raise PatchError("the bundle that it makes is not the one that it names")


def _content(delta: OpenDelta, base: Path, file: NewFile) -> Iterator[bytes]:
    with ExitStack() as stack:
        parts = [stack.enter_context(delta.part(name)) for name in file.entries]
        if file.how == "whole":
            yield from iter(lambda: parts[0].read(BUFFER), b"")
            return
        old_file = base / str(file.from_)
        old = stack.enter_context(old_file.open("rb"))
        if file.how == "same":
            yield from iter(lambda: old.read(BUFFER), b"")
            return
        control, diff, extra = (part.read for part in parts)
        yield from patched(old, old_file.stat().st_size, control, diff, extra)


def _write(target: Path, file: NewFile, content: Iterable[bytes]) -> None:
    digest, left = hashlib.sha256(), file.bytes
    with target.open("xb") as stream:
        for data in content:
            left -= len(data)
            if left < 0:
                break
            digest.update(data)
            stream.write(data)
    if left or digest.hexdigest() != file.sha256:
        raise PatchError(f"{target.name} does not come out as it was signed")
