"""A bundle's manifest, once the files that it lists are known to be those that were built."""

from __future__ import annotations

from pathlib import Path

from pocketrag.errors import InputError

from . import files
from .identity import model_id_of
from .layout import DATABASE, MODEL
from .manifest import Manifest, read_manifest


def checked(bundle: Path) -> Manifest:
    """Read a bundle's manifest and check the digest of every file that it lists.

    Raises:
        InputError: it is not a bundle, a file was changed since the build, or the model is not the one that
            is named.

    """
    manifest = read_manifest(bundle)
    for name, entry in manifest.files.items():
        path = files.inside(bundle, name)
        if not path.is_file():
            raise InputError(f"{path}: missing, or not a file. Run `pocketrag verify {bundle}`.")
        if files.sha256(path) != entry.sha256:
            raise InputError(
                f"{path}: not the file that was built (its SHA-256 differs). Run `pocketrag verify {bundle}`."
            )
    # Equal names in manifest and database prove nothing if the model beside them is another one.
    if lacking := [
        name for name in (MODEL, DATABASE, manifest.embedder.tokenizer.file) if name not in manifest.files
    ]:
        raise InputError(
            f"{bundle}: its manifest does not list {lacking[0]}. Run `pocketrag verify {bundle}`."
        )
    own = model_id_of(
        manifest.name, manifest.version, manifest.embedder.quantization, manifest.files[MODEL].sha256
    )
    if manifest.model_id != own:
        raise InputError(
            f"{bundle / MODEL}: is {own!r}, but manifest and database name "
            f"{manifest.model_id!r}. Build it again."
        )
    return manifest


def embeds_with(manifest: Manifest) -> tuple[object, ...]:
    """Return all that decides a text's vector: bundles of which it is equal can be searched together."""
    return (
        manifest.embedder,
        manifest.files[MODEL].sha256,
        manifest.files[manifest.embedder.tokenizer.file].sha256,
    )
