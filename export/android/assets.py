"""What an app carries of a bundle.

The files that its manifest lists, their digests checked, and the folder they get there.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from pocketrag.errors import InputError
from pocketrag.formats import files
from pocketrag.formats.bundle_check import checked, sums_of
from pocketrag.formats.manifest import MANIFEST, SUMS, Manifest
from pocketrag.recipe.recipe import Name, Version

#: Below `assets/`; each bundle has a folder of its own name there, so that an app can hold several and the
#: runtime finds them.
ASSETS = "pocketrag"
#: Stored, not deflated: the runtime copies or maps them as they are, and weights hardly shrink.
STORED = (".tflite", ".db")


@dataclass(frozen=True)
class Carried:
    """A checked bundle; `files` are its names in order, with the SHA-256 of each."""

    folder: Path
    manifest: Manifest
    files: dict[str, str]

    @property
    def bytes(self) -> int:
        """The size of all its files."""
        return sum((self.folder / name).stat().st_size for name in self.files)


def carried(bundle: str | Path) -> Carried:
    """Check a bundle's digests, the manifest's own included, and return what an app carries of it.

    What else lies in the folder stays behind: nothing vouches for it.

    Raises:
        InputError: it is not a bundle, one of another contract, a file is missing or damaged, `SHA256SUMS`
            does not fit, or name or version are none that a recipe may have (they become names of folders).

    """
    folder = Path(bundle)
    manifest = checked(folder)
    _named(folder, manifest)
    listed = _sums(folder)
    named = sums_of(folder, manifest)
    for name in sorted(listed.keys() | named.keys()):
        if listed.get(name) != named.get(name):
            raise InputError(
                f"{folder / SUMS}: does not fit {name}. Copy the bundle again, or build it again."
            )
    return Carried(folder, manifest, dict(sorted({**named, SUMS: files.sha256(folder / SUMS)}.items())))


def _named(folder: Path, manifest: Manifest) -> None:
    for key, kind, value in (("name", Name, manifest.name), ("version", Version, manifest.version)):
        try:
            TypeAdapter(kind).validate_python(value)
        except ValidationError:
            raise InputError(
                f"{folder / MANIFEST}: {key} {value!r} is none that a recipe may have. Build it again."
            ) from None


def _sums(folder: Path) -> dict[str, str]:
    file = folder / SUMS
    if not file.is_file():
        raise InputError(f"{file}: is missing. Copy the bundle again, or build it again.")
    rows = [line.split("  ", 1) for line in file.read_text("utf-8", "replace").splitlines()]
    return {row[1]: row[0] for row in rows if len(row) == 2}
