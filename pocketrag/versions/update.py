"""`pocketrag update`: two bundles of one corpus -> what an app with the first needs to have the second."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from pocketrag.errors import InputError
from pocketrag.formats import files
from pocketrag.formats.bundle_check import checked, sums_of
from pocketrag.formats.facts.versions import UpdateFacts
from pocketrag.formats.layout import DATABASE
from pocketrag.formats.manifest import MANIFEST, SUMS, Manifest, claim, refuse_inside
from pocketrag.pipeline.bundle_update import carried, refusal


def update(old: str, new: str, *, out: str | None = None) -> UpdateFacts:
    """Write the model-only update of a bundle: its manifest, its sums, and what the earlier one lacks.

    Args:
        old: the folder of the bundle that apps have.
        new: the folder of the next one.
        out: the folder to write; by default `NAME-VERSION.update` beside `new`.

    Raises:
        InputError: one of them is damaged, they are of different corpora, names or contracts, `new` is no
            newer or nothing differs, or something else lies at `out`, which stays as it was.

    """
    before, after = (checked(Path(folder)) for folder in (old, new))
    if reason := refusal(before, after):
        raise InputError(f"{new}: no model-only update of {old}: {reason}.")
    # As it was named, unless that says nothing of the folder above.
    named = Path(new) if Path(new).name not in ("", "..") else Path(new).resolve()
    target = Path(out) if out else named.with_name(f"{after.name}-{after.version}.update")
    _claim(target)
    names = carried(before, after)
    with files.new_folder(target) as folder:
        for name in (MANIFEST, *names):
            shutil.copyfile(Path(new, name), folder / name)
        # Not the bundle's own, which nothing has checked.
        (folder / SUMS).write_text(files.sums_text(sums_of(Path(new), after)), "utf-8")
        _prove(Path(old), before, folder, after)
    sizes = {path.name: path.stat().st_size for path in target.iterdir()}
    whole = sum(file.bytes for file in after.files.values())
    return UpdateFacts(
        update=str(target),
        name=after.name,
        version=after.version,
        before=before.version,
        model_id=after.model_id,
        model_id_before=before.model_id,
        vectors_model_id=after.vectors_model_id,
        bytes=sum(sizes.values()),
        bytes_whole=whole + sizes[MANIFEST] + sizes[SUMS],
        carried=tuple(names),
        taken=tuple(name for name in after.files if name not in names),
    )


def _claim(target: Path) -> None:
    refuse_inside(target)
    claim(target)
    if (target / DATABASE).exists():
        raise InputError(f"{target}: a whole bundle, which is left alone. Choose another --out.")


def _prove(old: Path, before: Manifest, update: Path, after: Manifest) -> None:
    """Put earlier bundle and update together as an app does, and check what comes out."""
    there = {file.sha256: name for name, file in before.files.items()}
    with tempfile.TemporaryDirectory(dir=update.parent, prefix=files.prefix(update)) as aside:
        for path in update.iterdir():
            shutil.copyfile(path, Path(aside, path.name))
        for name, file in after.files.items():
            if not Path(aside, name).exists():
                shutil.copyfile(old / there[file.sha256], Path(aside, name))
        checked(Path(aside))
