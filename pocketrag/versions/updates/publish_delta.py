"""A delta gets its name once it was applied, and all that came out was compared with the new bundle."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from pocketrag.console import status
from pocketrag.errors import GateError, InputError
from pocketrag.formats import files
from pocketrag.formats.facts.updates import DeltaFacts, DeltaFile
from pocketrag.formats.layout import DATABASE
from pocketrag.formats.manifest import refuse_inside
from pocketrag.formats.update.delta_manifest import DELTA, SUFFIX, DeltaManifest
from pocketrag.formats.update.signature import public_of
from pocketrag.formats.update.version_order import is_newer

from .apply_delta import apply_delta, check_base
from .read_delta import open_delta
from .whole_bundle import WholeBundle
from .write_delta import carried, write_delta

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

#: How a ZIP begins whose first entry is `delta.json`: by this we know files of ours.
BEGINS, NAME_AT = b"PK\x03\x04", 30


def delta_name(old: WholeBundle, new: WholeBundle) -> str:
    """Return the name of the file."""
    return f"{new.manifest.name}-{old.manifest.version}-{new.manifest.version}{SUFFIX}"


def publish_delta(
    old: WholeBundle, new: WholeBundle, private: Ed25519PrivateKey | None, target: Path
) -> DeltaFacts:
    """Write a delta beside `target`, prove it, and rename it.

    Raises:
        InputError: there is no delta between the two, or something else lies at `target`.
        GateError: what comes out is not the new bundle; nothing is published.

    """
    _claim(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=files.prefix(target)) as aside:
        written = Path(aside, "delta")
        delta = write_delta(old, new, private, written)
        status(f"proving {target.name}")
        _prove(written, old, new, public_of(private) if private else None, Path(aside, "bundle"))
        facts = _facts(written, target, delta, old, new)
        written.chmod(0o644)
        written.replace(target)
    return facts


def _claim(target: Path) -> None:
    refuse_inside(target)
    if files.is_there(target) and not _is_ours(target):
        raise InputError(f"{target}: exists and is not a delta; it is left alone. Choose another --out.")


def _is_ours(target: Path) -> bool:
    if target.is_symlink() or not target.is_file():
        return False
    with target.open("rb") as stream:
        head = stream.read(NAME_AT + len(DELTA))
    return head.startswith(BEGINS) and head[NAME_AT:] == DELTA.encode()


def _prove(delta: Path, old: WholeBundle, new: WholeBundle, public: bytes | None, folder: Path) -> None:
    folder.mkdir()
    with open_delta(delta, public) as opened:
        check_base(opened.manifest, old, rollback=True)
        apply_delta(opened, old, folder)
    made, wanted = files.digests(folder), {name: file.sha256 for name, file in new.files.items()}
    if differ := sorted(name for name in made | wanted if made.get(name) != wanted.get(name)):
        raise GateError(
            f"{new.folder}: the delta does not give {differ[0]} byte for byte; nothing was written."
        )


def _facts(
    written: Path, target: Path, delta: DeltaManifest, old: WholeBundle, new: WholeBundle
) -> DeltaFacts:
    size, sizes = written.stat().st_size, carried(written, delta)
    rows = (
        DeltaFile(file=name, how=file.how, from_=file.from_, bytes=file.bytes, carried_bytes=sizes[name])
        for name, file in delta.files.items()
    )
    return DeltaFacts(
        delta=str(target),
        name=delta.name,
        version=delta.new.version,
        before=delta.old.version,
        model_id=delta.new.model_id,
        model_id_before=delta.old.model_id,
        key=delta.key,
        rollback=not is_newer(new.manifest.version, old.manifest.version),
        bytes=size,
        sha256=files.sha256(written),
        bytes_whole=new.bytes,
        bytes_database=new.files[DATABASE].bytes,
        of_bundle=round(size / new.bytes, 6),
        of_database=round(size / new.files[DATABASE].bytes, 6),
        files=tuple(rows),
        proved=f"applied to {delta.old.version}: all {len(delta.files)} files have the SHA-256 of the new",
    )
