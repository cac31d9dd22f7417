"""A model-only update: the files of a new bundle that an app with an earlier one of the same corpus lacks."""

from __future__ import annotations

from collections.abc import Iterator

from pocketrag.formats.layout import DATABASE
from pocketrag.formats.manifest import Manifest
from pocketrag.formats.update.version_order import is_newer


def refusal(old: Manifest, new: Manifest) -> str | None:
    """Return why an app with the bundle `old` can't be given the model of `new` alone; None where it can."""
    return next(_reasons(old, new), None)


def carried(old: Manifest, new: Manifest) -> list[str]:
    """Return the files that an update must carry: those of `new` whose bytes no file of `old` has."""
    there = {file.sha256 for file in old.files.values()}
    return [name for name, file in new.files.items() if file.sha256 not in there]


def _reasons(old: Manifest, new: Manifest) -> Iterator[str]:
    if old.name != new.name:
        yield f"another bundle, {new.name!r} in place of {old.name!r}"
    if old.contract != new.contract:
        yield f"another contract, {new.contract} in place of {old.contract}: this needs the whole bundle"
    if old.files.get(DATABASE) != new.files.get(DATABASE):
        yield f"another corpus, its {DATABASE} differs: this needs the whole bundle"
    if not carried(old, new):
        yield "nothing differs"
    if not is_newer(new.version, old.version):
        yield f"version {new.version} is no newer than {old.version}: raise `version` in the recipe and build"
