"""`pocketrag apply`: a delta and the bundle that it is for -> the new bundle, as the phone does it."""

from __future__ import annotations

from pathlib import Path

from pocketrag.errors import InputError
from pocketrag.formats import files
from pocketrag.formats.facts.updates import ApplyFacts
from pocketrag.formats.manifest import claim, read_manifest
from pocketrag.formats.update.signature import key_id, read_public
from pocketrag.formats.update.version_order import is_newer

from .updates.apply_delta import apply_delta, check_base
from .updates.read_delta import open_delta
from .updates.whole_bundle import whole_bundle


def apply(
    delta: str, bundle: str, *, out: str | None, public: str | None, rollback: bool = False
) -> ApplyFacts:
    """Make the new bundle of `bundle`, which stays as it is, and a signed delta.

    Args:
        delta: the file that `pocketrag delta` wrote.
        bundle: the folder of the bundle that it is for.
        out: the folder to write.
        public: the public key in base64, or a file that holds it.
        rollback: take a delta that leads back to an earlier version.

    Raises:
        InputError: it is no delta, damaged, unsigned or signed by another key; it is for another bundle,
            contract or base; it leads back unasked; there is no room; or something else lies at `out`.
            Nothing is left behind.

    """
    if not out or not public:
        raise InputError("--public KEY and --out DIR: name both.")
    trusted, target = read_public(public), Path(out)
    _keep_apart(target, Path(bundle))
    with open_delta(Path(delta), trusted) as opened:
        base, made = whole_bundle(bundle), opened.manifest
        check_base(made, base, rollback=rollback)
        _claim(target, made.name)
        with files.new_folder(target) as folder:
            apply_delta(opened, base, folder)
    return ApplyFacts(
        bundle=out,
        name=made.name,
        version=made.new.version,
        before=made.old.version,
        model_id=made.new.model_id,
        key=key_id(trusted),
        rollback=not is_newer(made.new.version, made.old.version),
        files=len(made.files),
        bytes=made.total,
    )


def _keep_apart(target: Path, bundle: Path) -> None:
    here, there = target.resolve(), bundle.resolve()
    if here == there or here.is_relative_to(there) or there.is_relative_to(here):
        raise InputError(
            f"--out {target}: is {bundle}, lies in it or holds it, and that stays as it is. Name another."
        )


def _claim(target: Path, name: str) -> None:
    claim(target)
    if target.is_dir() and any(target.iterdir()) and (found := read_manifest(target).name) != name:
        raise InputError(
            f"--out {target}: holds another bundle, {found!r}; it is left alone. Name another folder."
        )
