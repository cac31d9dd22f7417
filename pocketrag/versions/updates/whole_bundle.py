"""A bundle with all of its files, manifest and sums included, once each is known to be as it was built."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pocketrag.errors import InputError
from pocketrag.formats import files
from pocketrag.formats.bundle_check import checked, sums_of
from pocketrag.formats.layout import DATABASE
from pocketrag.formats.manifest import MANIFEST, SUMS, File, Manifest
from pocketrag.formats.update.delta_manifest import Side


@dataclass(frozen=True)
class WholeBundle:
    """A bundle whose digests were checked."""

    folder: Path
    manifest: Manifest
    files: dict[str, File]
    """Every file by name, `manifest.json` and `SHA256SUMS` too."""

    @property
    def bytes(self) -> int:
        """All files together."""
        return sum(file.bytes for file in self.files.values())

    @property
    def side(self) -> Side:
        """What a delta says of it."""
        return Side(
            version=self.manifest.version,
            model_id=self.manifest.model_id,
            manifest_sha256=self.files[MANIFEST].sha256,
        )


def whole_bundle(given: str | Path) -> WholeBundle:
    """Check every digest of a bundle, those of its `SHA256SUMS` too.

    Raises:
        InputError: it is no bundle, or not the one that was built.

    """
    folder = Path(given)
    if folder.is_file():
        raise InputError(
            f"{folder}: a file. Name a bundle's folder: a {DATABASE} alone says neither which version it is "
            "nor how an app proves it."
        )
    manifest = checked(folder)
    if files.read_sums(folder) != sums_of(folder, manifest):
        raise InputError(f"{folder / SUMS}: not of this bundle. Run `pocketrag verify {folder}`.")
    own = {name: _file(folder / name) for name in (MANIFEST, SUMS)}
    return WholeBundle(folder, manifest, {**manifest.files, **own})


def _file(path: Path) -> File:
    return File(bytes=path.stat().st_size, sha256=files.sha256(path))
