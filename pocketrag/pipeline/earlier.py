"""The bundle that was published before: kept when another version replaces it, and what apps with it need."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

from pocketrag.errors import InputError
from pocketrag.formats import files
from pocketrag.formats.bundle_check import checked
from pocketrag.formats.facts.build import ModelUpdateFacts
from pocketrag.formats.manifest import MANIFEST, SUMS, Manifest, read_manifest

from .bundle_update import carried, refusal

#: Where it lies, beside the stages.
EARLIER = "earlier"


def keep(published: Path, packed: Path, work: Path) -> None:
    """Copy the published bundle to `work`, if it is whole and the packed one is another version of it."""
    before, after = _manifest(published), read_manifest(packed)
    if before and before.name == after.name and before.version != after.version and _whole(published):
        with files.new_folder(work / EARLIER) as fresh:
            shutil.copytree(published, fresh, dirs_exist_ok=True)


def model_update(packed: Path, target: Path, work: Path) -> ModelUpdateFacts | None:
    """Return what apps with the earlier version need to have this one; None where they need the whole bundle.

    `target` is where `packed` is published.
    """
    before, after = _manifest(work / EARLIER), read_manifest(packed)
    if before is None or refusal(before, after) or not _whole(work / EARLIER):
        return None
    own = [path.stat().st_size for path in (packed / MANIFEST, packed / SUMS)]
    return ModelUpdateFacts(
        before=before.version,
        model_id_before=before.model_id,
        bytes=sum(own) + sum(after.files[name].bytes for name in carried(before, after)),
        command=shlex.join(["pocketrag", "update", str(work / EARLIER), str(target)]),
    )


def _manifest(bundle: Path) -> Manifest | None:
    # Asked first: all digests of a bundle take seconds.
    try:
        return read_manifest(bundle)
    except InputError:  # none there, or of a contract that is no longer read: nothing to update
        return None


def _whole(bundle: Path) -> bool:
    try:
        checked(bundle)
    except InputError:
        return False
    return True
