"""`pocketrag delta`: two bundles -> one small file that makes the second of the first, byte for byte."""

from __future__ import annotations

from pathlib import Path

from pocketrag.console import status
from pocketrag.formats.facts.updates import DeltaFacts
from pocketrag.formats.update.signature import read_private

from .updates.publish_delta import delta_name, publish_delta
from .updates.whole_bundle import whole_bundle


def delta(old: str, new: str, *, key: str | None = None, out: str | None = None) -> DeltaFacts:
    """Write the delta between two bundles, signed with `key`; unsigned, which no app takes, to see its size.

    Args:
        old: the folder of the bundle that apps have.
        new: the folder of the one that they are to have.
        key: the file of the private key.
        out: the file to write; by default `NAME-OLD-NEW.ragdelta` beside `new`.

    Raises:
        InputError: one of them is damaged, their names, contracts or teachers differ, nothing
            does or both are one version, the key is none, or something else lies at `out`, which stays.
        GateError: what comes out is not the new bundle; nothing is written.

    """
    private = read_private(Path(key)) if key else None
    status("checking digests")
    before, after = whole_bundle(old), whole_bundle(new)
    target = Path(out) if out else after.folder.resolve().with_name(delta_name(before, after))
    return publish_delta(before, after, private, target)
